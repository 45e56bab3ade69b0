#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

#include "Node.hpp"

namespace jsonschema {

/// A compiled schema: its nodes and patterns, which are never changed after compile() returned.
struct Schema {
    std::deque<Node> nodes;  // A deque: addresses stay.
    std::deque<Pattern> patterns;
    const Node *root = nullptr;
};

/// Compiles a schema, or throws Failure with the place in it.
void compile(const uint8_t *text, size_t length, Schema &schema);

}  // namespace jsonschema
