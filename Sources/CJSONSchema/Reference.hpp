#pragma once

#include <optional>
#include <string>
#include <vector>

namespace jsonschema {

/// `reference` against `base` as RFC 3986 section 5 says, without removing dot segments.
std::string resolve(const std::string &base, const std::string &reference);

/// The part before `#`.
std::string withoutFragment(const std::string &identifier);

/// The part after `#`, with %-escapes decoded; nothing if an escape is broken.
std::optional<std::string> fragment(const std::string &identifier);

/// The tokens of a JSON pointer (RFC 6901); nothing if it is not one.
std::optional<std::vector<std::string>> pointerTokens(const std::string &pointer);

}  // namespace jsonschema
