#include "Compiler.hpp"
#include "Failure.hpp"
#include "Keyword.hpp"

namespace jsonschema {

void Compiler::addGeneral(Node &node, const Value &value, const Place &place) {
    if (const Value *type = find(value, "type")) node.types = requireTypes(*type, childPath(place.path, "type"));
    if (const Value *list = find(value, "enum")) {
        auto &choices = node.choices.emplace_back();
        for (const Value &choice : requireArray(*list, childPath(place.path, "enum"))) {
            std::string text;
            appendCanonical(choice, text);
            choices.insert(std::move(text));
        }
    }
    if (const Value *constant = find(value, "const")) {
        std::string text;
        appendCanonical(*constant, text);
        node.choices.push_back({std::move(text)});
    }
}

void Compiler::addNumeric(Node &node, const Value &value, const Place &place) {
    const auto read = [&](const char *keyword, std::optional<long double> &bound) {
        if (const Value *member = find(value, keyword)) bound = requireNumber(*member, childPath(place.path, keyword));
    };
    read("minimum", node.minimum);
    read("maximum", node.maximum);
    read("exclusiveMinimum", node.exclusiveMinimum);
    read("exclusiveMaximum", node.exclusiveMaximum);
    read("multipleOf", node.multipleOf);
    if (node.multipleOf && !(*node.multipleOf > 0)) refuse(childPath(place.path, "multipleOf"), "must be more than 0");

    const auto count = [&](const char *keyword, uint64_t &bound) {
        if (const Value *member = find(value, keyword)) bound = requireCount(*member, childPath(place.path, keyword));
    };
    count("minLength", node.characters.least);
    count("maxLength", node.characters.most);
    count("minItems", node.items.least);
    count("maxItems", node.items.most);
    count("minProperties", node.members.least);
    count("maxProperties", node.members.most);
    if (const Value *pattern = find(value, "pattern")) {
        const Place there = place.child("pattern");
        node.pattern = makePattern(requireString(*pattern, there.path), there);
    }
}

void Compiler::addArray(Node &node, const Value &value, const Place &place) {
    if (const Value *items = find(value, "items")) {
        if (items->is_array()) node.tuple = subschemas(*items, place.child("items"));
        else node.everyItem = makeNode(*items, place.child("items"));
    }
    // Without a list in `items` it has no say, but must be a schema all the same.
    const Node *additional = subschema(value, "additionalItems", place);
    if (!node.tuple.empty() || (find(value, "items") != nullptr && node.everyItem == nullptr)) node.additionalItems = additional;
    node.contains = subschema(value, "contains", place);
    if (const Value *unique = find(value, "uniqueItems")) node.uniqueItems = requireBoolean(*unique, childPath(place.path, "uniqueItems"));
}

void Compiler::addObject(Node &node, const Value &value, const Place &place) {
    if (const Value *names = find(value, "required")) node.required = requireNames(*names, childPath(place.path, "required"));
    if (const Value *properties = find(value, "properties")) {
        const Place there = place.child("properties");
        for (const auto &[name, property] : requireObject(*properties, there.path).items())
            node.properties.emplace(name, makeNode(property, there.child(name)));
    }
    if (const Value *properties = find(value, "patternProperties")) {
        const Place there = place.child("patternProperties");
        for (const auto &[expression, property] : requireObject(*properties, there.path).items()) {
            const Pattern *pattern = makePattern(expression, there.child(expression));
            node.patternProperties.emplace_back(pattern, makeNode(property, there.child(expression)));
        }
    }
    node.additionalProperties = subschema(value, "additionalProperties", place);
    node.propertyNames = subschema(value, "propertyNames", place);
}

void Compiler::addDependencies(Node &node, const Value &value, const Place &place) {
    const Value *dependencies = find(value, "dependencies");
    if (dependencies == nullptr) return;
    const Place there = place.child("dependencies");
    for (const auto &[key, member] : requireObject(*dependencies, there.path).items()) {
        Dependency dependency{key, {}, nullptr};
        if (member.is_array()) dependency.required = requireNames(member, childPath(there.path, key));
        else dependency.schema = makeNode(member, there.child(key));
        node.dependencies.push_back(std::move(dependency));
    }
}

void Compiler::addCombined(Node &node, const Value &value, const Place &place) {
    const auto read = [&](const char *keyword, std::vector<const Node *> &nodes) {
        const Value *list = find(value, keyword);
        if (list == nullptr) return;
        nodes = subschemas(*list, place.child(keyword));
        if (nodes.empty()) refuse(childPath(place.path, keyword), "must hold at least one schema");
    };
    read("allOf", node.allOf);
    read("anyOf", node.anyOf);
    read("oneOf", node.oneOf);
    node.negated = subschema(value, "not", place);
    node.condition = subschema(value, "if", place);
    // Without `if` they have no say, but must be schemas all the same.
    const Node *consequence = subschema(value, "then", place);
    const Node *alternative = subschema(value, "else", place);
    if (node.condition == nullptr) return;
    node.consequence = consequence;
    node.alternative = alternative;
}

}  // namespace jsonschema
