#include <cmath>
#include <cstdio>

#include "Evaluator.hpp"

namespace jsonschema {

namespace {

std::string describe(long double bound) {
    char text[64];
    std::snprintf(text, sizeof text, "%.*Lg", std::trunc(bound) == bound ? 20 : 15, bound);
    return text;
}

/// Whether `value` is a whole number of `unit`s. Decimal fractions are not exact in binary: 0.0075 is 75 times 0.0001 all the
/// same. So the rest may be as large as the rounding of the value, but only while that is far below one unit.
bool isMultiple(const Value &value, long double unit) {
    const long double exact = number(value);
    const long double rest = std::fabs(std::remainder(exact, unit));
    if (rest == 0) return true;
    if (isInteger(value) && std::trunc(unit) == unit) return false;
    const long double rounding = std::ldexp(std::fabs(exact), -51);
    return rest <= rounding && rounding < unit / 1024;
}

}  // namespace

bool Evaluator::checkNumber(const Node &node, const Value &value, const Path &path, bool quiet) {
    const long double exact = number(value);
    bool valid = true;
    if (node.minimum && exact < *node.minimum) valid = violation(path, quiet, "is less than " + describe(*node.minimum));
    if (node.maximum && exact > *node.maximum) valid = violation(path, quiet, "is more than " + describe(*node.maximum));
    if (node.exclusiveMinimum && exact <= *node.exclusiveMinimum)
        valid = violation(path, quiet, "is not more than " + describe(*node.exclusiveMinimum));
    if (node.exclusiveMaximum && exact >= *node.exclusiveMaximum)
        valid = violation(path, quiet, "is not less than " + describe(*node.exclusiveMaximum));
    if (node.multipleOf && !isMultiple(value, *node.multipleOf))
        valid = violation(path, quiet, "is not a multiple of " + describe(*node.multipleOf));
    return valid;
}

}  // namespace jsonschema
