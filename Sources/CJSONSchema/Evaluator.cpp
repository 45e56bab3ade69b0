#include "Evaluator.hpp"

#include <algorithm>

#include "Failure.hpp"

namespace jsonschema {

namespace {

unsigned typeOf(const Value &value) {
    if (value.is_object()) return objectType;
    if (value.is_array()) return arrayType;
    if (value.is_string()) return stringType;
    if (value.is_boolean()) return booleanType;
    if (value.is_null()) return nullType;
    return isInteger(value) ? integerType : numberType;
}

std::string describe(unsigned types) {
    static constexpr std::pair<unsigned, const char *> names[] = {
        {objectType, "object"},   {arrayType, "array"},     {stringType, "string"}, {numberType, "number"},
        {integerType, "integer"}, {booleanType, "boolean"}, {nullType, "null"},
    };
    std::string text;
    for (const auto &[type, name] : names) {
        if ((types & type) == 0) continue;
        if (!text.empty()) text += " or ";
        text += name;
        if (type == numberType) types &= ~static_cast<unsigned>(integerType);
    }
    return text;
}

}  // namespace

std::string Evaluator::Path::text() const {
    std::vector<const Path *> steps;
    for (const Path *path = this; path->parent != nullptr; path = path->parent) steps.push_back(path);
    std::string text;
    for (auto step = steps.rbegin(); step != steps.rend(); ++step)
        text = childPath(text, (*step)->key != nullptr ? *(*step)->key : std::to_string((*step)->index));
    return text;
}

bool Evaluator::violation(const Path &path, bool quiet, const std::string &message) {
    if (!isFull(quiet)) violations.push_back({path.text(), message});
    return false;
}

void Evaluator::spend(size_t cost) {
    if (cost > steps) throw Failure{CJS_LIMIT, "", "the schema asks for too much work on a text of this size"};
    steps -= cost;
}

bool Evaluator::check(const Node *node, const Value &value, const Path &path, bool quiet) {
    spend(1);
    while (node->ref != nullptr) {
        node = node->ref;
        spend(1);
    }
    if (node->never) return violation(path, quiet, "is not allowed here");
    if (depth >= limits::evaluationDepth) throw Failure{CJS_LIMIT, path.text(), "schema and text together are nested too deeply"};
    ++depth;
    // Each step is skipped once the answer is known and nobody waits for further messages.
    bool valid = checkGeneral(*node, value, path, quiet);
    const auto proceed = [&] { return valid || !isFull(quiet); };
    if (proceed()) {
        if (value.is_number()) valid = checkNumber(*node, value, path, quiet) && valid;
        else if (value.is_string()) valid = checkString(*node, value.get_ref<const std::string &>(), path, quiet) && valid;
        else if (value.is_array()) valid = checkArray(*node, value, path, quiet) && valid;
        else if (value.is_object()) valid = checkObject(*node, value, path, quiet) && valid;
    }
    if (proceed()) valid = checkCombined(*node, value, path, quiet) && valid;
    --depth;
    return valid;
}

bool Evaluator::checkGeneral(const Node &node, const Value &value, const Path &path, bool quiet) {
    const unsigned type = typeOf(value);
    if (node.types != 0 && (node.types & type) == 0)
        return violation(path, quiet, "is of type " + describe(type) + "; expected " + describe(node.types));
    if (node.choices.empty()) return true;
    std::string text;
    appendCanonical(value, text);
    spend(text.size() / 4);
    for (const auto &choices : node.choices)
        if (choices.count(text) == 0) return violation(path, quiet, "is not one of the values allowed here");
    return true;
}

bool Evaluator::checkString(const Node &node, const std::string &text, const Path &path, bool quiet) {
    bool valid = true;
    if (node.characters.least > 0 || node.characters.most < text.size()) {
        spend(text.size() / 64);
        const auto count = std::count_if(text.begin(), text.end(), [](char byte) { return (byte & 0xC0) != 0x80; });
        valid = checkRange(node.characters, static_cast<size_t>(count), "characters", path, quiet);
    }
    if (node.pattern != nullptr && !matches(*node.pattern, text))
        valid = violation(path, quiet, "does not match the pattern " + excerpt(node.pattern->source));
    return valid;
}

bool Evaluator::checkRange(const Range &range, size_t count, const char *unit, const Path &path, bool quiet) {
    if (count >= range.least && count <= range.most) return true;
    const bool few = count < range.least;
    return violation(
        path, quiet,
        "has " + std::to_string(count) + " " + unit + "; " + (few ? "at least " : "at most ") +
            std::to_string(few ? range.least : range.most) + " allowed");
}

bool Evaluator::matches(const Pattern &pattern, const std::string &text) {
    spend(pattern.cost(text.size()));
    return pattern.matches(text);
}

bool Evaluator::checkCombined(const Node &node, const Value &value, const Path &path, bool quiet) {
    bool valid = true;
    for (const Node *part : node.allOf) {
        if (!check(part, value, path, quiet)) valid = false;
        if (!valid && isFull(quiet)) return false;
    }
    if (!node.anyOf.empty()) {
        const auto fits = [&](const Node *part) { return check(part, value, path, true); };
        if (std::none_of(node.anyOf.begin(), node.anyOf.end(), fits))
            valid = violation(path, quiet, "fits none of the " + std::to_string(node.anyOf.size()) + " schemas of anyOf");
    }
    if (!node.oneOf.empty()) {
        size_t count = 0;
        for (const Node *part : node.oneOf)
            if (count < 2 && check(part, value, path, true)) ++count;
        if (count == 0) valid = violation(path, quiet, "fits none of the " + std::to_string(node.oneOf.size()) + " schemas of oneOf");
        if (count == 2) valid = violation(path, quiet, "fits more than one of the schemas of oneOf");
    }
    if (node.negated != nullptr && check(node.negated, value, path, true))
        valid = violation(path, quiet, "fits the schema that \"not\" forbids");
    if (node.condition != nullptr && (node.consequence != nullptr || node.alternative != nullptr)) {
        const Node *branch = check(node.condition, value, path, true) ? node.consequence : node.alternative;
        if (branch != nullptr && !check(branch, value, path, quiet)) valid = false;
    }
    return valid;
}

}  // namespace jsonschema
