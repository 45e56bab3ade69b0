#include <algorithm>
#include <unordered_map>

#include "Evaluator.hpp"

namespace jsonschema {

bool Evaluator::checkArray(const Node &node, const Value &array, const Path &path, bool quiet) {
    bool valid = checkRange(node.items, array.size(), "items", path, quiet);
    const bool hasItemSchemas = node.everyItem != nullptr || !node.tuple.empty() || node.additionalItems != nullptr;
    for (size_t i = 0; hasItemSchemas && i < array.size(); ++i) {
        if (!valid && isFull(quiet)) return false;
        const Node *item = node.everyItem;
        if (item == nullptr) item = i < node.tuple.size() ? node.tuple[i] : node.additionalItems;
        if (item == nullptr) break;
        if (!check(item, array[i], Path{&path, nullptr, i}, quiet)) valid = false;
    }
    if (!valid && isFull(quiet)) return false;
    if (node.contains != nullptr) {
        const auto fits = [&](const Value &item) { return check(node.contains, item, path, true); };
        if (std::none_of(array.begin(), array.end(), fits)) valid = violation(path, quiet, "holds no item that fits \"contains\"");
    }
    if (node.uniqueItems) valid = checkUnique(array, path, quiet) && valid;
    return valid;
}

bool Evaluator::checkUnique(const Value &array, const Path &path, bool quiet) {
    std::unordered_map<std::string, size_t> seen;  // Instead of comparing each item with each other.
    for (size_t i = 0; i < array.size(); ++i) {
        std::string text;
        appendCanonical(array[i], text);
        spend(1 + text.size() / 4);
        const auto [other, inserted] = seen.emplace(std::move(text), i);
        if (!inserted)
            return violation(Path{&path, nullptr, i}, quiet, "equals item " + std::to_string(other->second) + "; items must be unique");
    }
    return true;
}

bool Evaluator::checkObject(const Node &node, const Value &object, const Path &path, bool quiet) {
    bool valid = checkRange(node.members, object.size(), "members", path, quiet);
    spend(node.required.size());
    for (const std::string &name : node.required) {
        if (!valid && isFull(quiet)) return false;
        if (object.count(name) == 0) valid = violation(path, quiet, "lacks the required member " + excerpt(name));
    }
    valid = checkMembers(node, object, path, quiet) && valid;
    if (valid || !isFull(quiet)) valid = checkDependencies(node, object, path, quiet) && valid;
    return valid;
}

bool Evaluator::checkMembers(const Node &node, const Value &object, const Path &path, bool quiet) {
    const bool hasMemberSchemas = !node.properties.empty() || !node.patternProperties.empty() ||
                                  node.additionalProperties != nullptr || node.propertyNames != nullptr;
    bool valid = true;
    for (auto member = object.begin(); hasMemberSchemas && member != object.end(); ++member) {
        if (!valid && isFull(quiet)) return false;
        spend(1);
        const std::string &key = member.key();
        const Path there{&path, &key, 0};
        bool described = false;
        const auto apply = [&](const Node *schema) {
            described = true;
            if ((valid || !isFull(quiet)) && !check(schema, *member, there, quiet)) valid = false;
        };
        const auto property = node.properties.find(key);
        if (property != node.properties.end()) apply(property->second);
        for (const auto &[pattern, schema] : node.patternProperties)
            if (matches(*pattern, key)) apply(schema);
        if (!described && node.additionalProperties != nullptr) apply(node.additionalProperties);
        if (node.propertyNames != nullptr && !check(node.propertyNames, Value(key), path, true))
            valid = violation(path, quiet, "has the key " + excerpt(key) + ", which propertyNames forbids");
    }
    return valid;
}

bool Evaluator::checkDependencies(const Node &node, const Value &object, const Path &path, bool quiet) {
    bool valid = true;
    for (const Dependency &dependency : node.dependencies) {
        if (!valid && isFull(quiet)) return false;
        spend(1);
        if (object.count(dependency.key) == 0) continue;
        spend(dependency.required.size());
        for (const std::string &name : dependency.required)
            if (object.count(name) == 0)
                valid = violation(path, quiet, "has the member " + excerpt(dependency.key) + " and so needs " + excerpt(name));
        if (dependency.schema != nullptr && !check(dependency.schema, object, path, quiet)) valid = false;
    }
    return valid;
}

}  // namespace jsonschema
