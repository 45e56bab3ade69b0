#include "Reference.hpp"

#include <cctype>

namespace jsonschema {

namespace {

/// The length of "scheme:" at the start, or 0.
size_t schemeLength(const std::string &identifier) {
    if (identifier.empty() || !std::isalpha(static_cast<unsigned char>(identifier[0]))) return 0;
    for (size_t i = 1; i < identifier.size(); ++i) {
        const auto character = static_cast<unsigned char>(identifier[i]);
        if (character == ':') return i + 1;
        if (!std::isalnum(character) && character != '+' && character != '-' && character != '.') return 0;
    }
    return 0;
}

int hexadecimal(char digit) {
    if (digit >= '0' && digit <= '9') return digit - '0';
    const int letter = std::tolower(static_cast<unsigned char>(digit));
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

}  // namespace

std::string resolve(const std::string &base, const std::string &reference) {
    const std::string document = withoutFragment(base);
    if (reference.empty() || reference[0] == '#') return document + reference;
    if (document.empty() || schemeLength(reference) > 0) return reference;

    const size_t scheme = schemeLength(document);
    if (reference.compare(0, 2, "//") == 0) return document.substr(0, scheme) + reference;
    const bool hasAuthority = document.compare(scheme, 2, "//") == 0;
    size_t path = hasAuthority ? document.find('/', scheme + 2) : scheme;
    if (path == std::string::npos) path = document.size();
    if (reference[0] == '/') return document.substr(0, path) + reference;
    if (scheme > 0 && !hasAuthority) return reference;  // urn: and the like have no relative references.
    const size_t slash = document.rfind('/');
    if (slash == std::string::npos || slash < path) return document.substr(0, path) + (hasAuthority ? "/" : "") + reference;
    return document.substr(0, slash + 1) + reference;
}

std::string withoutFragment(const std::string &identifier) { return identifier.substr(0, identifier.find('#')); }

std::optional<std::string> fragment(const std::string &identifier) {
    const size_t mark = identifier.find('#');
    std::string out;
    if (mark == std::string::npos) return out;
    for (size_t i = mark + 1; i < identifier.size(); ++i) {
        if (identifier[i] != '%') {
            out += identifier[i];
            continue;
        }
        if (i + 2 >= identifier.size()) return std::nullopt;
        const int high = hexadecimal(identifier[i + 1]), low = hexadecimal(identifier[i + 2]);
        if (high < 0 || low < 0) return std::nullopt;
        out += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return out;
}

std::optional<std::vector<std::string>> pointerTokens(const std::string &pointer) {
    std::vector<std::string> tokens;
    for (size_t i = 0; i < pointer.size(); ++i) {
        if (pointer[i] == '/') {
            tokens.emplace_back();
        } else if (tokens.empty()) {
            return std::nullopt;
        } else if (pointer[i] == '~') {
            if (++i == pointer.size() || (pointer[i] != '0' && pointer[i] != '1')) return std::nullopt;
            tokens.back() += pointer[i] == '0' ? '~' : '/';
        } else {
            tokens.back() += pointer[i];
        }
    }
    return tokens;
}

}  // namespace jsonschema
