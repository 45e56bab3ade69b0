#include "Compiler.hpp"
#include "Failure.hpp"
#include "Keyword.hpp"
#include "Reference.hpp"

namespace jsonschema {

void Compiler::addIdentifier(const Value &value, Place &place) {
    const Value *member = find(value, "$id");
    if (member == nullptr) return;
    const std::string path = childPath(place.path, "$id");
    std::string identifier = resolve(place.base, requireString(*member, path));
    if (identifier.size() > limits::identifierBytes) throw Failure{CJS_LIMIT, path, "the identifier is too long"};

    const bool namesPart = fragment(identifier).value_or("") != "";
    if (!namesPart) {
        identifier = withoutFragment(identifier);
        place.base = identifier;
    }
    if (!resources.emplace(identifier, Resource{&value, place}).second && !identifier.empty())
        refuse(path, "the identifier " + excerpt(identifier) + " is given twice");
}

void Compiler::addReference(Node &node, const Value &value, const Place &place) {
    const std::string path = childPath(place.path, "$ref");
    std::string target = resolve(place.base, requireString(value, path));
    if (target.size() > limits::identifierBytes) throw Failure{CJS_LIMIT, path, "the reference is too long"};
    pending.push_back({&node, std::move(target), {path, place.base}});
}

Node *Compiler::target(const Pending &reference) {
    const std::string &path = reference.place.path;
    const auto part = fragment(reference.target);
    if (!part) refuse(path, "the reference " + excerpt(reference.target) + " has a broken %-escape");

    const bool isPointer = part->empty() || part->front() == '/';
    const auto resource = resources.find(isPointer ? withoutFragment(reference.target) : reference.target);
    if (resource == resources.end()) {
        const bool known = !isPointer && resources.count(withoutFragment(reference.target)) > 0;
        if (known) refuse(path, "nothing in the schema has the identifier " + excerpt('#' + *part));
        throw Failure{
            CJS_UNSUPPORTED, path,
            "the reference " + excerpt(reference.target) +
                " leads out of the schema; other documents are never read, so copy the part into \"definitions\""};
    }

    const Value *value = resource->second.value;
    Place place = resource->second.place;
    if (!isPointer) return makeNode(*value, place);
    const auto tokens = pointerTokens(*part);
    if (!tokens) refuse(path, "the reference " + excerpt(reference.target) + " has a broken ~-escape");
    for (const std::string &token : *tokens) {
        const Value *next = nullptr;
        if (value->is_object()) {
            next = find(*value, token);
        } else if (value->is_array() && !token.empty() && token.size() < 9 && token.find_first_not_of("0123456789") == std::string::npos) {
            const size_t index = std::stoul(token);
            if (index < value->size() && (token == "0" || token[0] != '0')) next = &(*value)[index];
        }
        if (next == nullptr) refuse(path, "the reference " + excerpt(reference.target) + " leads to nothing");
        value = next;
        place = place.child(token);
    }
    return makeNode(*value, place);
}

void Compiler::refuseLoops() const {
    enum class Mark { none, open, done };
    struct Step {
        const Node *node;
        std::vector<const Node *> next;
    };
    std::unordered_map<const Node *, Mark> marks;
    std::vector<Step> steps;  // Not the C++ stack: a chain of references can be as long as the schema.
    const auto enter = [&](const Node *node) {
        Mark &mark = marks[node];
        if (mark == Mark::open) refuse(node->path, "the schema applies to a value only if it applies to the same value: it never ends");
        if (mark == Mark::done) return;
        mark = Mark::open;
        steps.push_back({node, node->inPlace()});
    };
    for (const Node &start : schema.nodes) {
        enter(&start);
        while (!steps.empty()) {
            auto &next = steps.back().next;
            if (next.empty()) {
                marks[steps.back().node] = Mark::done;
                steps.pop_back();
            } else {
                const Node *node = next.back();
                next.pop_back();
                enter(node);
            }
        }
    }
}

}  // namespace jsonschema
