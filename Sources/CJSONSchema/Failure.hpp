#pragma once

#include <string>

#include "CJSONSchema.h"

namespace jsonschema {

/// Thrown inside the target, caught at the C boundary. `path` is a JSON pointer into the text at fault.
struct Failure {
    cjs_status status;
    std::string path;
    std::string message;
};

/// What one text, one schema and one validation may cost. Each bound keeps a hostile text from hanging the process or
/// overflowing a stack of 512 KiB.
namespace limits {
constexpr size_t schemaBytes = 256 * 1024;
constexpr size_t schemaDepth = 128;
constexpr size_t instanceDepth = 128;
constexpr size_t subschemas = 10'000;
constexpr size_t patterns = 256;
constexpr size_t patternInstructions = 4'096;
constexpr size_t identifierBytes = 1'024;
constexpr size_t pathBytes = 512;
constexpr size_t evaluationDepth = 320;
/// Steps of one validation: a constant, and a share for each byte of the instance.
constexpr size_t steps = 1'000'000;
constexpr size_t stepsPerByte = 16;
}  // namespace limits

}  // namespace jsonschema
