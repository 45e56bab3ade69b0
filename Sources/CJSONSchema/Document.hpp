#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

namespace jsonschema {

using Value = nlohmann::json;

/// Reads one JSON text; throws Failure for anything else, for a key given twice, and beyond `maxDepth`.
Value parse(const uint8_t *text, size_t length, size_t maxDepth);

/// The value of a number. Exact for 64-bit integers where long double has a mantissa of 64 bits or more.
long double number(const Value &value);

/// Whether a number has no fraction: 1.0 is an integer since draft 6.
bool isInteger(const Value &value);

/// Appends a text that two values share only if JSON Schema calls them equal (so 1 and 1.0 are one, 1 and true are two).
void appendCanonical(const Value &value, std::string &out);

/// `path` with one more token, escaped as RFC 6901 says. A path beyond `limits::pathBytes` is cut and ends in "…".
std::string childPath(const std::string &path, const std::string &token);

/// `text` in quotes, cut to a length that suits a message.
std::string excerpt(const std::string &text);

}  // namespace jsonschema
