#include "Keyword.hpp"

#include <unordered_set>

#include "Failure.hpp"

namespace jsonschema {

namespace {

unsigned requireType(const Value &value, const std::string &path) {
    static const std::unordered_map<std::string, unsigned> types = {
        {"null", nullType},     {"boolean", booleanType}, {"integer", integerType}, {"number", numberType | integerType},
        {"string", stringType}, {"array", arrayType},     {"object", objectType},
    };
    const auto type = value.is_string() ? types.find(value.get_ref<const std::string &>()) : types.end();
    if (type == types.end()) refuse(path, "must be one of null, boolean, integer, number, string, array, object");
    return type->second;
}

}  // namespace

const Value *find(const Value &object, const std::string &keyword) {
    const auto member = object.find(keyword);
    return member == object.end() ? nullptr : &*member;
}

void refuse(const std::string &path, const std::string &message) { throw Failure{CJS_WRONG_SCHEMA, path, message}; }

const Value &requireObject(const Value &value, const std::string &path) {
    if (!value.is_object()) refuse(path, "must be an object");
    return value;
}

const Value &requireArray(const Value &value, const std::string &path) {
    if (!value.is_array()) refuse(path, "must be an array");
    return value;
}

const std::string &requireString(const Value &value, const std::string &path) {
    if (!value.is_string()) refuse(path, "must be a string");
    return value.get_ref<const std::string &>();
}

bool requireBoolean(const Value &value, const std::string &path) {
    if (!value.is_boolean()) refuse(path, "must be true or false");
    return value.get<bool>();
}

long double requireNumber(const Value &value, const std::string &path) {
    if (!value.is_number()) refuse(path, "must be a number");
    return number(value);
}

uint64_t requireCount(const Value &value, const std::string &path) {
    if (!value.is_number() || !isInteger(value) || number(value) < 0) refuse(path, "must be an integer of 0 or more");
    if (number(value) >= 9.2e18L) return UINT64_MAX;  // More than any text can hold.
    return static_cast<uint64_t>(number(value));
}

std::vector<std::string> requireNames(const Value &value, const std::string &path) {
    std::vector<std::string> names;
    std::unordered_set<std::string> seen;
    for (const Value &name : requireArray(value, path)) {
        const std::string place = childPath(path, std::to_string(names.size()));
        if (!seen.insert(requireString(name, place)).second) refuse(place, "is given twice");
        names.push_back(name.get_ref<const std::string &>());
    }
    return names;
}

unsigned requireTypes(const Value &value, const std::string &path) {
    if (!value.is_array()) return requireType(value, path);
    if (value.empty()) refuse(path, "must name at least one type");
    unsigned types = 0;
    size_t index = 0;
    for (const Value &type : value) types |= requireType(type, childPath(path, std::to_string(index++)));
    return types;
}

}  // namespace jsonschema
