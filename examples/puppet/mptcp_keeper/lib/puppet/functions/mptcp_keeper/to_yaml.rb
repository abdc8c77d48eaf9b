# frozen_string_literal: true

require 'yaml'

# The text of a configuration file. Puppet has no such function of its own, and that of stdlib would be a dependency.
Puppet::Functions.create_function(:'mptcp_keeper::to_yaml') do
  # @param sections the sections of the file; `undef` becomes `null`, which withdraws an earlier value
  # @return [String] the text, without the mark that begins a document
  dispatch :to_yaml do
    param 'Hash[String, Any]', :sections
  end

  def to_yaml(sections)
    sections.to_yaml(line_width: -1).sub(/\A---( \{\})?\n/, '')
  end
end
