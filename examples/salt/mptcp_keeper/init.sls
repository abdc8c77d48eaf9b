# Declares the host's Multipath TCP with mptcp-keeper; the pillar mptcp_keeper says what (pillar.example).
# Show the changes with: salt-call state.apply mptcp_keeper test=True
{% from 'mptcp_keeper/map.jinja' import keeper with context %}

{% if keeper.manage_package %}
mptcp-keeper-package:
  pkg.installed:
    - name: {{ keeper.package }}
    - require_in:
      - file: mptcp-keeper-configuration
{% endif %}

# check_cmd gets the name of the new file before it replaces the old one; a wrong file fails the state.
mptcp-keeper-configuration:
  file.managed:
    - name: {{ keeper.file }}
    - user: root
    - group: root
    - mode: '0644'
    - makedirs: True
    - dir_mode: '0755'
    - contents: {{ ('# Managed by Salt, state mptcp_keeper.\n' ~ (keeper.config | yaml(False))) | json }}
    - check_cmd: {{ keeper.program }} check

# A running daemon takes the configuration over from this command.
mptcp-keeper-apply:
  cmd.run:
    - name: {{ keeper.program }} apply
    - onchanges:
      - file: mptcp-keeper-configuration

{% if keeper.repair_drift %}
# With test=True, this state is reported as a change if the host differs from the configuration. A daemon that has not
# loaded the files, since a run was interrupted, counts as drift.
mptcp-keeper-drift:
  cmd.run:
    - name: {{ keeper.program }} apply
    - unless: {{ (keeper.program ~ ' diff && ! ' ~ keeper.program ~ ' --json status | grep -q \'"loaded": false\'') | json }}
    - require:
      - cmd: mptcp-keeper-apply
{% endif %}

{% if keeper.manage_service %}
{% for unit in ('mptcp-keeper-boot', 'mptcp-keeper') %}
{{ unit }}-service:
  service.running:
    - name: {{ unit }}
    - enable: True
    - require:
      - cmd: mptcp-keeper-apply
{% endfor %}
{% endif %}
