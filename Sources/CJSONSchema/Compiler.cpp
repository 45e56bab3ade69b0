#include "Compiler.hpp"

#include "Failure.hpp"
#include "Keyword.hpp"
#include "Reference.hpp"

namespace jsonschema {

void compile(const uint8_t *text, size_t length, Schema &schema) {
    if (length > limits::schemaBytes)
        throw Failure{CJS_LIMIT, "", "the schema is larger than " + std::to_string(limits::schemaBytes) + " bytes"};
    const Value document = parse(text, length, limits::schemaDepth);
    Compiler(schema, document).run();
}

void Compiler::run() {
    resources.emplace("", Resource{&document, Place{}});
    schema.root = makeNode(document, Place{});
    for (size_t i = 0; i < pending.size(); ++i) {  // A target may bring references of its own.
        const Pending reference = pending[i];
        reference.node->ref = target(reference);
    }
    refuseLoops();
}

Node *Compiler::makeNode(const Value &value, const Place &outer) {
    const auto known = compiled.find(&value);
    if (known != compiled.end()) return known->second;
    if (!value.is_object() && !value.is_boolean()) refuse(outer.path, "must be a schema: an object, true or false");
    if (schema.nodes.size() >= limits::subschemas)
        throw Failure{CJS_LIMIT, outer.path, "the schema has more than " + std::to_string(limits::subschemas) + " subschemas"};

    Node &node = schema.nodes.emplace_back();
    compiled.emplace(&value, &node);
    node.path = outer.path;
    if (value.is_boolean()) {
        node.never = !value.get<bool>();
        return &node;
    }

    Place place = outer;
    if (const Value *draft = find(value, "$schema")) {
        const std::string &name = requireString(*draft, childPath(place.path, "$schema"));
        const std::string plain = name.substr(0, name.find('#'));
        if (plain != "http://json-schema.org/draft-07/schema" && plain != "http://json-schema.org/draft-06/schema" &&
            plain != "https://json-schema.org/draft-07/schema" && plain != "https://json-schema.org/draft-06/schema")
            throw Failure{
                CJS_UNSUPPORTED, childPath(place.path, "$schema"),
                "the draft " + excerpt(name) + " is not supported; write for http://json-schema.org/draft-07/schema#"};
    }
    const Value *reference = find(value, "$ref");
    if (reference == nullptr) addIdentifier(value, place);
    if (const Value *definitions = find(value, "definitions")) {
        const Place there = place.child("definitions");
        for (const auto &[name, definition] : requireObject(*definitions, there.path).items())
            makeNode(definition, there.child(name));
    }
    if (reference != nullptr) {
        addReference(node, *reference, place);
        return &node;
    }
    addGeneral(node, value, place);
    addNumeric(node, value, place);
    addArray(node, value, place);
    addObject(node, value, place);
    addDependencies(node, value, place);
    addCombined(node, value, place);
    return &node;
}

const Node *Compiler::subschema(const Value &value, const char *keyword, const Place &place) {
    const Value *member = find(value, keyword);
    return member == nullptr ? nullptr : makeNode(*member, place.child(keyword));
}

std::vector<const Node *> Compiler::subschemas(const Value &list, const Place &place) {
    std::vector<const Node *> nodes;
    for (const Value &item : requireArray(list, place.path)) nodes.push_back(makeNode(item, place.child(std::to_string(nodes.size()))));
    return nodes;
}

const Pattern *Compiler::makePattern(const std::string &expression, const Place &place) {
    const auto known = patterns.find(expression);
    if (known != patterns.end()) return known->second;
    if (schema.patterns.size() >= limits::patterns)
        throw Failure{CJS_LIMIT, place.path, "the schema has more than " + std::to_string(limits::patterns) + " different patterns"};
    return patterns.emplace(expression, &schema.patterns.emplace_back(expression, place.path)).first->second;
}

}  // namespace jsonschema
