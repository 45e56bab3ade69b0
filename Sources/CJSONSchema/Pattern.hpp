#pragma once

#include <memory>
#include <re2/re2.h>
#include <string>

namespace jsonschema {

/// A regular expression that is matched in time linear in the text. Matching is safe from many threads at once.
class Pattern {
  public:
    /// Throws Failure at `path` for an expression RE2 does not have (look-around, back-references) or that is too large.
    Pattern(const std::string &expression, const std::string &path);

    /// Whether the expression matches anywhere in `text`.
    bool matches(const std::string &text) const;

    /// What one match against `length` bytes costs at worst, in steps.
    size_t cost(size_t length) const { return 1 + length * instructions / 64; }

    /// The expression as the schema has it.
    const std::string source;

  private:
    std::unique_ptr<re2::RE2> expression;
    size_t instructions;
};

}  // namespace jsonschema
