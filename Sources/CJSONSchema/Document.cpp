#include "Document.hpp"

#include <cmath>
#include <cstdio>
#include <cstring>
#include <vector>

#include "Failure.hpp"

namespace jsonschema {

namespace {

/// Builds a Value from the parser's events. The library's own builder keeps the last of two equal keys; other readers keep
/// the first, so such a text could pass here and mean something else there.
class Builder final : public nlohmann::json_sax<Value> {
  public:
    explicit Builder(size_t maxDepth) : maxDepth(maxDepth) {}

    Value root;

    bool null() override { return add(nullptr) != nullptr; }
    bool boolean(bool value) override { return add(value) != nullptr; }
    bool number_integer(number_integer_t value) override { return add(value) != nullptr; }
    bool number_unsigned(number_unsigned_t value) override { return add(value) != nullptr; }
    bool number_float(number_float_t value, const string_t &) override { return add(value) != nullptr; }
    bool string(string_t &value) override { return add(std::move(value)) != nullptr; }
    bool binary(binary_t &) override { return false; }
    bool start_object(std::size_t) override { return open(Value::object()); }
    bool start_array(std::size_t) override { return open(Value::array()); }
    bool end_object() override { return close(); }
    bool end_array() override { return close(); }

    bool key(string_t &name) override {
        const auto [position, inserted] = containers.back()->emplace(name, nullptr);
        if (!inserted) throw Failure{CJS_MALFORMED, "", "the key " + excerpt(name) + " is given twice in one object"};
        slot = &*position;
        return true;
    }

    bool parse_error(std::size_t position, const std::string &, const nlohmann::detail::exception &) override {
        throw Failure{CJS_MALFORMED, "", "the text is not JSON, or holds a number out of range, at byte " + std::to_string(position)};
    }

  private:
    size_t maxDepth;
    // A container's address is stable while it is open: only the innermost one grows.
    std::vector<Value *> containers;
    Value *slot = nullptr;

    template <typename Item> Value *add(Item &&item) {
        if (containers.empty()) {
            root = Value(std::forward<Item>(item));
            return &root;
        }
        Value &container = *containers.back();
        if (container.is_array()) {
            container.push_back(Value(std::forward<Item>(item)));
            return &container.back();
        }
        *slot = Value(std::forward<Item>(item));
        return slot;
    }

    bool open(Value container) {
        if (containers.size() >= maxDepth)
            throw Failure{CJS_LIMIT, "", "the text is nested deeper than " + std::to_string(maxDepth) + " levels"};
        containers.push_back(add(std::move(container)));
        return true;
    }

    bool close() {
        containers.pop_back();
        return true;
    }
};

size_t cutAtCharacter(const std::string &text, size_t length) {
    while (length > 0 && (static_cast<unsigned char>(text[length]) & 0xC0) == 0x80) --length;
    return length;
}

}  // namespace

Value parse(const uint8_t *text, size_t length, size_t maxDepth) {
    // The parser takes a zero byte for the end of the text and would ignore what follows.
    if (length > 0 && std::memchr(text, 0, length) != nullptr)
        throw Failure{CJS_MALFORMED, "", "the text is not JSON: it holds a zero byte"};
    // The parser skips one, which other readers refuse.
    if (length >= 3 && std::memcmp(text, "\xEF\xBB\xBF", 3) == 0)
        throw Failure{CJS_MALFORMED, "", "the text is not JSON: it begins with a byte order mark"};
    Builder builder(maxDepth);
    if (!Value::sax_parse(text, text + length, &builder)) throw Failure{CJS_MALFORMED, "", "the text is not JSON"};
    return std::move(builder.root);
}

long double number(const Value &value) {
    if (value.is_number_unsigned()) return static_cast<long double>(value.get<uint64_t>());
    if (value.is_number_integer()) return static_cast<long double>(value.get<int64_t>());
    return static_cast<long double>(value.get<double>());
}

bool isInteger(const Value &value) {
    if (value.is_number_integer()) return true;
    return value.is_number_float() && std::trunc(value.get<double>()) == value.get<double>();
}

void appendCanonical(const Value &value, std::string &out) {
    switch (value.type()) {
    case Value::value_t::object:
        out += '{';
        for (const auto &[key, member] : value.items()) {  // In the order of the keys: the map is sorted.
            out += std::to_string(key.size()) + ':' + key;
            appendCanonical(member, out);
        }
        out += '}';
        break;
    case Value::value_t::array:
        out += '[';
        for (const auto &item : value) appendCanonical(item, out);
        out += ']';
        break;
    case Value::value_t::string: {
        const auto &text = value.get_ref<const std::string &>();
        out += 's' + std::to_string(text.size()) + ':' + text;
        break;
    }
    case Value::value_t::boolean: out += value.get<bool>() ? 't' : 'f'; break;
    case Value::value_t::null: out += 'z'; break;
    default: {
        const long double exact = number(value);
        char digits[64];
        std::snprintf(digits, sizeof digits, "n%.21Lg,", exact == 0 ? 0.0L : exact);  // -0 is 0.
        out += digits;
    }
    }
}

std::string childPath(const std::string &path, const std::string &token) {
    if (path.size() > limits::pathBytes) return path;
    std::string child = path + '/';
    for (const char character : token) {
        if (character == '~') child += "~0";
        else if (character == '/') child += "~1";
        else child += character;
        if (child.size() > limits::pathBytes) break;
    }
    if (child.size() > limits::pathBytes) {
        child.resize(cutAtCharacter(child, limits::pathBytes));
        child += "…";
    }
    return child;
}

std::string excerpt(const std::string &text) {
    constexpr size_t longest = 80;
    if (text.size() <= longest) return '"' + text + '"';
    return '"' + text.substr(0, cutAtCharacter(text, longest)) + "…\"";
}

}  // namespace jsonschema
