#include "Pattern.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>

#include "Document.hpp"
#include "Failure.hpp"

namespace jsonschema {

namespace {

/// The four hexadecimal digits at `position`, or -1.
long codeUnit(const std::string &text, size_t position) {
    if (position + 4 > text.size()) return -1;
    const std::string digits = text.substr(position, 4);
    if (!std::all_of(digits.begin(), digits.end(), [](unsigned char digit) { return std::isxdigit(digit) != 0; })) return -1;
    return std::strtol(digits.c_str(), nullptr, 16);
}

std::string escaped(long scalar) {
    char text[16];
    std::snprintf(text, sizeof text, "\\x{%lX}", static_cast<unsigned long>(scalar));
    return text;
}

/// Rewrites what ECMA 262 writes otherwise than RE2: \uXXXX, \cX, (?<name>…), [^] and [].
std::string translated(const std::string &source) {
    std::string out;
    bool inClass = false;
    for (size_t i = 0; i < source.size();) {
        if (source[i] == '\\' && i + 1 < source.size()) {
            const long unit = source[i + 1] == 'u' ? codeUnit(source, i + 2) : -1;
            if (unit >= 0) {
                i += 6;
                const bool paired = unit >= 0xD800 && unit < 0xDC00 && source.compare(i, 2, "\\u") == 0;
                const long low = paired ? codeUnit(source, i + 2) : -1;
                if (low >= 0xDC00 && low < 0xE000) {
                    out += escaped(0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00));
                    i += 6;
                } else {
                    out += escaped(unit);
                }
            } else if (source[i + 1] == 'c' && i + 2 < source.size() && std::isalpha(static_cast<unsigned char>(source[i + 2]))) {
                out += escaped(source[i + 2] & 0x1F);
                i += 3;
            } else {
                out.append(source, i, 2);
                i += 2;
            }
            continue;
        }
        if (!inClass && source.compare(i, 3, "[^]") == 0) {
            out += "(?s:.)";
            i += 3;
        } else if (!inClass && source.compare(i, 2, "[]") == 0) {
            out += "[^\\x{0}-\\x{10FFFF}]";
            i += 2;
        } else if (!inClass && source.compare(i, 3, "(?<") == 0 && source.compare(i, 4, "(?<=") != 0 &&
                   source.compare(i, 4, "(?<!") != 0) {
            out += "(?P<";
            i += 3;
        } else {
            if (source[i] == '[') inClass = true;
            if (source[i] == ']') inClass = false;
            out += source[i++];
        }
    }
    return out;
}

re2::RE2::Options options() {
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_never_capture(true);
    options.set_max_mem(512 * 1024);  // The program and the automata built from it while matching.
    return options;
}

}  // namespace

Pattern::Pattern(const std::string &source, const std::string &path)
    : source(source), expression(std::make_unique<re2::RE2>(translated(source), options())) {
    if (!expression->ok()) {
        const auto code = expression->error_code();
        const bool tooLarge = code == re2::RE2::ErrorPatternTooLarge || code == re2::RE2::ErrorRepeatSize;
        throw Failure{
            tooLarge ? CJS_LIMIT : CJS_UNSUPPORTED, path,
            "the pattern " + excerpt(source) + " cannot be used: " + excerpt(expression->error()) +
                (tooLarge ? "; use minLength and maxLength for lengths" : "; look-around and back-references are not supported")};
    }
    instructions = static_cast<size_t>(std::max(1, expression->ProgramSize()));
    if (instructions > limits::patternInstructions)
        throw Failure{CJS_LIMIT, path, "the pattern " + excerpt(source) + " is too large; use minLength and maxLength for lengths"};
}

bool Pattern::matches(const std::string &text) const {
    return expression->Match(text, 0, text.size(), re2::RE2::UNANCHORED, nullptr, 0);
}

}  // namespace jsonschema
