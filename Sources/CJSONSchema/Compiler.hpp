#pragma once

#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "Document.hpp"
#include "Schema.hpp"

namespace jsonschema {

/// Turns a schema's JSON into nodes. References are bound after all nodes in reach are there, one by one, so the depth of
/// the recursion is that of the text and never that of a chain of references.
class Compiler {
  public:
    Compiler(Schema &schema, const Value &document) : schema(schema), document(document) {}

    void run();

  private:
    /// Where a schema stands: its JSON pointer, and the URI its references are relative to.
    struct Place {
        std::string path;
        std::string base;

        Place child(const std::string &token) const { return {childPath(path, token), base}; }
    };

    struct Resource {
        const Value *value;
        Place place;
    };

    struct Pending {
        Node *node;
        std::string target;
        Place place;
    };

    Schema &schema;
    const Value &document;
    std::unordered_map<const Value *, Node *> compiled;
    std::unordered_map<std::string, Resource> resources;  // By URI: `$id`s, and the document itself as "".
    std::unordered_map<std::string, const Pattern *> patterns;
    std::vector<Pending> pending;

    Node *makeNode(const Value &value, const Place &place);
    void addIdentifier(const Value &value, Place &place);
    void addReference(Node &node, const Value &value, const Place &place);
    void addGeneral(Node &node, const Value &value, const Place &place);
    void addNumeric(Node &node, const Value &value, const Place &place);
    void addArray(Node &node, const Value &value, const Place &place);
    void addObject(Node &node, const Value &value, const Place &place);
    void addDependencies(Node &node, const Value &value, const Place &place);
    void addCombined(Node &node, const Value &value, const Place &place);

    const Node *subschema(const Value &value, const char *keyword, const Place &place);
    std::vector<const Node *> subschemas(const Value &list, const Place &place);
    const Pattern *makePattern(const std::string &expression, const Place &place);

    Node *target(const Pending &reference);
    void refuseLoops() const;
};

}  // namespace jsonschema
