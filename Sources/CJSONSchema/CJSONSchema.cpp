#include "CJSONSchema.h"

#include <exception>
#include <memory>
#include <new>

#include "Evaluator.hpp"
#include "Failure.hpp"
#include "Schema.hpp"

struct cjs_schema {
    jsonschema::Schema schema;
};

struct cjs_report {
    std::vector<jsonschema::Violation> entries;
};

namespace {

/// Runs `body`, which returns a status and may fill the report, and turns each exception into a status: none may leave through
/// C. The report goes to the caller if it says something.
template <typename Body> cjs_status guarded(cjs_report **report, Body &&body) noexcept {
    *report = nullptr;
    try {
        auto made = std::make_unique<cjs_report>();
        cjs_status status;
        try {
            status = body(*made);
        } catch (jsonschema::Failure &failure) {
            made->entries.clear();
            made->entries.push_back({std::move(failure.path), std::move(failure.message)});
            status = failure.status;
        }
        if (!made->entries.empty()) *report = made.release();
        return status;
    } catch (const std::bad_alloc &) {
        return CJS_NO_MEMORY;
    } catch (const std::length_error &) {
        return CJS_NO_MEMORY;
    } catch (...) {
        return CJS_MALFORMED;
    }
}

cjs_text view(const std::string &text) { return {text.data(), text.size()}; }

}  // namespace

cjs_status cjs_compile(const uint8_t *text, size_t length, cjs_schema **schema, cjs_report **report) {
    *schema = nullptr;
    return guarded(report, [&](cjs_report &) {
        auto made = std::make_unique<cjs_schema>();
        jsonschema::compile(text, length, made->schema);
        *schema = made.release();
        return CJS_OK;
    });
}

void cjs_schema_free(cjs_schema *schema) { delete schema; }

cjs_status cjs_validate(
    const cjs_schema *schema, const uint8_t *text, size_t length, size_t max_violations, cjs_report **report) {
    return guarded(report, [&](cjs_report &made) {
        using namespace jsonschema;
        const Value instance = parse(text, length, limits::instanceDepth);
        Evaluator evaluator(made.entries, max_violations, limits::steps + limits::stepsPerByte * length);
        return evaluator.run(*schema->schema.root, instance) ? CJS_OK : CJS_VIOLATIONS;
    });
}

size_t cjs_report_count(const cjs_report *report) { return report == nullptr ? 0 : report->entries.size(); }
cjs_text cjs_report_path(const cjs_report *report, size_t index) { return view(report->entries[index].path); }
cjs_text cjs_report_message(const cjs_report *report, size_t index) { return view(report->entries[index].message); }
void cjs_report_free(cjs_report *report) { delete report; }
