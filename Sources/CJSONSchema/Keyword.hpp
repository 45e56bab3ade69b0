#pragma once

#include <string>
#include <vector>

#include "Document.hpp"
#include "Node.hpp"

namespace jsonschema {

/// The member `keyword` of a schema object, or null.
const Value *find(const Value &object, const std::string &keyword);

/// Throws a Failure that says what the keyword at `path` must be.
[[noreturn]] void refuse(const std::string &path, const std::string &message);

// Each reads the keyword's value and throws Failure at `path` if it is not what the keyword takes.
const Value &requireObject(const Value &value, const std::string &path);
const Value &requireArray(const Value &value, const std::string &path);
const std::string &requireString(const Value &value, const std::string &path);
bool requireBoolean(const Value &value, const std::string &path);
long double requireNumber(const Value &value, const std::string &path);
uint64_t requireCount(const Value &value, const std::string &path);
std::vector<std::string> requireNames(const Value &value, const std::string &path);
unsigned requireTypes(const Value &value, const std::string &path);

}  // namespace jsonschema
