#pragma once

#include <string>
#include <vector>

#include "Document.hpp"
#include "Node.hpp"

namespace jsonschema {

/// A place in the instance and what is wrong there.
struct Violation {
    std::string path;
    std::string message;
};

/// One validation: walks an instance and a schema together, within a number of steps.
class Evaluator {
  public:
    /// Notes at most `most` violations in `violations`.
    Evaluator(std::vector<Violation> &violations, size_t most, size_t steps) : violations(violations), most(most), steps(steps) {}

    /// Whether `instance` is valid. Throws Failure when the work or the depth is beyond its bound.
    bool run(const Node &schema, const Value &instance) { return check(&schema, instance, Path{}, false); }

  private:
    /// A path is written out only when there is something to say: until then it is a list on the stack.
    struct Path {
        const Path *parent = nullptr;
        const std::string *key = nullptr;
        size_t index = 0;

        std::string text() const;
    };

    std::vector<Violation> &violations;
    const size_t most;
    size_t steps;
    size_t depth = 0;

    // With `quiet`, the answer is wanted and no messages: as for the branches of anyOf.
    bool check(const Node *node, const Value &value, const Path &path, bool quiet);
    bool checkGeneral(const Node &node, const Value &value, const Path &path, bool quiet);
    bool checkNumber(const Node &node, const Value &value, const Path &path, bool quiet);
    bool checkString(const Node &node, const std::string &text, const Path &path, bool quiet);
    bool checkArray(const Node &node, const Value &array, const Path &path, bool quiet);
    bool checkUnique(const Value &array, const Path &path, bool quiet);
    bool checkObject(const Node &node, const Value &object, const Path &path, bool quiet);
    bool checkMembers(const Node &node, const Value &object, const Path &path, bool quiet);
    bool checkDependencies(const Node &node, const Value &object, const Path &path, bool quiet);
    bool checkCombined(const Node &node, const Value &value, const Path &path, bool quiet);
    bool checkRange(const Range &range, size_t count, const char *unit, const Path &path, bool quiet);

    bool matches(const Pattern &pattern, const std::string &text);
    bool isFull(bool quiet) const { return quiet || violations.size() >= most; }
    bool violation(const Path &path, bool quiet, const std::string &message);
    void spend(size_t cost);
};

}  // namespace jsonschema
