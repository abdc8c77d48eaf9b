// SPDX-License-Identifier: LGPL-2.1-or-later
#include "host_config/shell_reader.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <utility>

namespace keeper::shell {

namespace {

constexpr int max_depth = 4; ///< of nested $(…)
constexpr std::size_t max_commands = 20000;

bool is_name_letter(char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
           (letter >= '0' && letter <= '9') || letter == '_';
}

/// Words after which another command starts.
bool is_keyword(const std::string& word) {
    static constexpr std::array<std::string_view, 14> all = {
        "if", "then", "else", "elif", "fi", "do", "done", "while", "until", "!", "{", "}", "time", "esac"};
    return std::find(all.begin(), all.end(), word) != all.end();
}

/// The name in an assignment; "" if the word is not one.
std::string assigned_name(const std::string& word) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos || equals == 0 || (word[0] >= '0' && word[0] <= '9')) {
        return "";
    }
    const std::string name = word.substr(0, equals);
    return std::all_of(name.begin(), name.end(), is_name_letter) ? name : "";
}

/// Tracks assignments. A variable with several values is unknown.
struct Assigned {
    Variables now;
    std::set<std::string> several;

    void set(const std::string& name, const std::string& value) {
        const auto [place, is_first] = now.emplace(name, value);
        if (!is_first && place->second != value) {
            several.insert(name);
            place->second = value;
        }
    }
    [[nodiscard]] Variables constant() const {
        Variables result;
        for (const auto& [name, value] : now) {
            if (several.count(name) == 0 && is_known(value)) {
                result.emplace(name, value);
            }
        }
        return result;
    }
};

class Reader {
  public:
    Reader(std::string_view text, const Variables& known, int line, int depth)
        : text_(text), known_(known), line_(line), depth_(depth) {}

    std::vector<SimpleCommand> read(Assigned* assigned) {
        assigned_ = assigned;
        while (at_ < text_.size() && result_.size() < max_commands) {
            step();
        }
        end_word();
        end_command();
        return std::move(result_);
    }

  private:
    [[nodiscard]] char peek(std::size_t ahead = 0) const {
        return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
    }
    void step();
    void end_line();
    void end_word();
    void end_command();
    void separator(char letter);
    void redirect();
    void single_quoted();
    void double_quoted();
    void expansion();
    void substitution(std::string_view inner);
    void skip_here_documents();
    void start_word() {
        has_word_ = true;
        current_.line = current_.line == 0 ? line_ : current_.line;
    }
    void add(char letter) {
        start_word();
        word_ += letter;
    }
    void mark_line() {
        for (auto command = result_.rbegin();
             command != result_.rend() && command->last_line == line_ && command->is_on_its_own;
             ++command) {
            command->is_on_its_own = false;
        }
        current_.is_on_its_own = false;
    }

    std::string_view text_;
    const Variables& known_;
    Assigned* assigned_ = nullptr;
    std::size_t at_ = 0;
    int line_;
    int depth_;
    std::string word_;
    bool has_word_ = false;
    bool is_quoted_ = false;
    enum class Next { word, output, input, here_document } next_ = Next::word;
    bool continues_ = false;
    std::vector<std::string> here_documents_;
    SimpleCommand current_;
    std::vector<SimpleCommand> result_;
};

void Reader::step() {
    const char letter = peek();
    if (letter == '\\') {
        if (peek(1) == '\n') {
            mark_line();
            ++line_;
        } else if (at_ + 1 < text_.size()) {
            add(peek(1));
            is_quoted_ = true;
        }
        at_ += 2;
    } else if (letter == '\'') {
        single_quoted();
    } else if (letter == '"') {
        double_quoted();
    } else if (letter == '$' || letter == '`') {
        expansion();
    } else if (letter == '#' && !has_word_) {
        at_ = std::min(text_.find('\n', at_), text_.size());
    } else if (letter == ' ' || letter == '\t' || letter == '\r') {
        end_word();
        ++at_;
    } else if (letter == '<' || letter == '>' || (letter == '&' && peek(1) == '>')) {
        redirect();
    } else if (
        letter == '\n' || letter == ';' || letter == '&' || letter == '|' || letter == '(' || letter == ')') {
        separator(letter);
    } else {
        add(letter);
        ++at_;
    }
}

void Reader::separator(char letter) {
    end_word();
    const bool is_double = peek(1) == letter && (letter == '&' || letter == '|');
    const bool is_pipe = letter == '|' && !is_double;
    if (letter == '(' || letter == ')') {
        mark_line();
    }
    if (letter != '\n') {
        current_.last_line = line_;
    }
    end_command();
    if (letter == '\n') {
        end_line();
    } else {
        continues_ = is_double || is_pipe;
        current_.reads_pipe = is_pipe && !result_.empty();
    }
    at_ += is_double ? 2 : 1;
}

void Reader::end_line() {
    if (continues_) { // an operator at the end of the line: the next line continues it
        mark_line();
        ++line_;
        current_.is_on_its_own = false;
    } else {
        ++line_;
        current_.reads_pipe = false;
    }
    if (!here_documents_.empty()) {
        ++at_; // skip the line feed
        skip_here_documents();
        --at_;
    }
}

void Reader::skip_here_documents() {
    for (const std::string& end : here_documents_) {
        while (at_ < text_.size()) {
            const std::size_t line_end = std::min(text_.find('\n', at_), text_.size());
            std::string_view line = text_.substr(at_, line_end - at_);
            at_ = std::min(line_end + 1, text_.size());
            ++line_;
            line.remove_prefix(std::min(line.find_first_not_of('\t'), line.size()));
            if (line == end) {
                break;
            }
        }
    }
    here_documents_.clear();
}

void Reader::end_word() {
    if (!has_word_) {
        return;
    }
    std::string word = std::move(word_);
    const bool was_quoted = is_quoted_;
    word_.clear();
    has_word_ = is_quoted_ = false;
    const Next next = std::exchange(next_, Next::word);
    if (next == Next::output) {
        current_.outputs.push_back(std::move(word));
        return;
    }
    if (next == Next::input) {
        return;
    }
    if (next == Next::here_document) {
        here_documents_.push_back(std::move(word));
        return;
    }
    continues_ = false;
    if (current_.words.empty() && !was_quoted && is_keyword(word)) {
        mark_line();
        return;
    }
    const std::string name = assigned_name(word);
    const bool declares =
        !current_.words.empty() && (current_.words[0] == "export" || current_.words[0] == "local" ||
                                    current_.words[0] == "readonly" || current_.words[0] == "declare");
    if (!name.empty() && (current_.words.empty() || declares)) {
        if (assigned_ != nullptr) {
            assigned_->set(name, word.substr(name.size() + 1));
        }
        current_.assignments.push_back(word);
        if (!declares) {
            return;
        }
    }
    current_.words.push_back(std::move(word));
}

void Reader::end_command() {
    next_ = Next::word;
    if (!current_.words.empty() || !current_.assignments.empty() || !current_.outputs.empty()) {
        current_.line = current_.line == 0 ? line_ : current_.line;
        current_.last_line = line_;
        current_.is_on_its_own &= current_.line == line_;
        result_.push_back(std::move(current_));
    }
    current_ = SimpleCommand{};
}

void Reader::redirect() {
    if (has_word_ && word_.find_first_not_of("0123456789") == std::string::npos) {
        word_.clear(); // a descriptor number
        has_word_ = false;
    }
    end_word();
    const std::size_t end = std::min(text_.find_first_not_of("<>&|-", at_), text_.size());
    const std::string_view sign = text_.substr(at_, end - at_);
    at_ = end;
    if (sign.starts_with("<<") && !sign.starts_with("<<<")) {
        next_ = Next::here_document;
        mark_line();
    } else if (sign.find('>') != std::string_view::npos && !sign.ends_with("&")) {
        next_ = Next::output;
    } else {
        next_ = Next::input;
    }
}

void Reader::single_quoted() {
    const std::size_t end = std::min(text_.find('\'', at_ + 1), text_.size());
    start_word();
    for (const char letter : text_.substr(at_ + 1, end - at_ - 1)) {
        add(letter);
        line_ += letter == '\n' ? 1 : 0;
    }
    is_quoted_ = true;
    at_ = end + 1;
}

void Reader::double_quoted() {
    start_word();
    is_quoted_ = true;
    for (++at_; at_ < text_.size() && peek() != '"';) {
        if (peek() == '\\' && at_ + 1 < text_.size()) {
            const char next = peek(1);
            if (next == '\n') {
                ++line_;
            } else {
                if (std::string_view("\"\\$`").find(next) == std::string_view::npos) {
                    add('\\');
                }
                add(next);
            }
            at_ += 2;
        } else if (peek() == '$' || peek() == '`') {
            expansion();
        } else {
            line_ += peek() == '\n' ? 1 : 0;
            add(peek());
            ++at_;
        }
    }
    ++at_;
}

void Reader::substitution(std::string_view inner) {
    if (depth_ < max_depth) {
        Reader reader(inner, known_, line_, depth_ + 1);
        for (SimpleCommand& command : reader.read(nullptr)) {
            result_.push_back(std::move(command));
        }
    }
    line_ += static_cast<int>(std::count(inner.begin(), inner.end(), '\n'));
    add(unknown);
    mark_line();
}

void Reader::expansion() {
    const char next = peek(1);
    if (peek() == '`') {
        const std::size_t end = std::min(text_.find('`', at_ + 1), text_.size());
        substitution(text_.substr(at_ + 1, end - at_ - 1));
        at_ = end + 1;
    } else if (next == '(') {
        int open = 0;
        std::size_t end = at_ + 1;
        do {
            open += text_[end] == '(' ? 1 : text_[end] == ')' ? -1 : 0;
            ++end;
        } while (open > 0 && end < text_.size());
        substitution(text_.substr(at_ + 2, end - std::min(end, at_ + 3)));
        at_ = end;
    } else if (next == '{' || is_name_letter(next)) {
        const bool has_brace = next == '{';
        std::size_t end = at_ + (has_brace ? 2 : 1);
        const std::size_t start = end;
        while (end < text_.size() && is_name_letter(text_[end])) {
            ++end;
        }
        const auto value = known_.find(std::string(text_.substr(start, end - start)));
        const bool is_plain = !has_brace || (end < text_.size() && text_[end] == '}');
        for (const char letter :
             value != known_.end() && is_plain ? value->second : std::string(1, unknown)) {
            add(letter);
        }
        at_ = has_brace ? std::min(text_.find('}', end), text_.size() - 1) + 1 : end;
    } else if (next == '\'') { // $'…'
        ++at_;
    } else {
        add(next == '\0' || next == ' ' || next == '"' ? '$' : unknown);
        at_ += next == '\0' || next == ' ' || next == '"' ? 1 : 2;
    }
}

} // namespace

std::vector<SimpleCommand> commands_of(std::string_view script, const Variables& known) {
    Assigned assigned;
    assigned.now = known;
    // The value of a variable may contain another variable that is set before it.
    Variables constant = known;
    for (int round = 0; round < 2; ++round) {
        Assigned fresh;
        fresh.now = known;
        (void)Reader(script, constant, 1, 0).read(&fresh);
        constant = fresh.constant();
    }
    return Reader(script, constant, 1, 0).read(nullptr);
}

} // namespace keeper::shell
