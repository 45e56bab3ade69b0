#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "Pattern.hpp"

namespace jsonschema {

/// The types of JSON as bits of `Node::types`. A value that is an integer is a number too.
enum Type : unsigned {
    nullType = 1,
    booleanType = 2,
    integerType = 4,
    numberType = 8,
    stringType = 16,
    arrayType = 32,
    objectType = 64,
};

/// How many characters, items or members there may be.
struct Range {
    uint64_t least = 0;
    uint64_t most = UINT64_MAX;
};

struct Node;

/// A part of a schema that applies when an object has `key`.
struct Dependency {
    std::string key;
    std::vector<std::string> required;
    const Node *schema = nullptr;
};

/// One schema, compiled. The pointers belong to the Schema that owns all nodes.
struct Node {
    std::string path;  // Where it stands in the document.

    bool never = false;         // The schema `false`.
    const Node *ref = nullptr;  // With `$ref`, all other keywords are ignored: so says draft 7.

    unsigned types = 0;  // 0: any.
    std::vector<std::unordered_set<std::string>> choices;  // `enum` and `const`, in canonical form.

    std::optional<long double> minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf;

    Range characters;
    const Pattern *pattern = nullptr;

    Range items;
    bool uniqueItems = false;
    const Node *everyItem = nullptr;
    std::vector<const Node *> tuple;
    const Node *additionalItems = nullptr;
    const Node *contains = nullptr;

    Range members;
    std::vector<std::string> required;
    std::unordered_map<std::string, const Node *> properties;
    std::vector<std::pair<const Pattern *, const Node *>> patternProperties;
    const Node *additionalProperties = nullptr;
    const Node *propertyNames = nullptr;
    std::vector<Dependency> dependencies;

    std::vector<const Node *> allOf, anyOf, oneOf;
    const Node *negated = nullptr;
    const Node *condition = nullptr, *consequence = nullptr, *alternative = nullptr;

    /// The schemas that apply to the same value as this one.
    std::vector<const Node *> inPlace() const {
        if (ref != nullptr) return {ref};
        std::vector<const Node *> nodes;
        for (const auto *group : {&allOf, &anyOf, &oneOf}) nodes.insert(nodes.end(), group->begin(), group->end());
        for (const Node *node : {negated, condition, consequence, alternative})
            if (node != nullptr) nodes.push_back(node);
        for (const Dependency &dependency : dependencies)
            if (dependency.schema != nullptr) nodes.push_back(dependency.schema);
        return nodes;
    }
};

}  // namespace jsonschema
