import Foundation

extension JSON {
    /// Decodes a value whose payloads are to stay the texts they are. Each payload is looked for from the start, so this is
    /// for texts with few of them.
    ///
    /// - Throws: `DecodingError`.
    package func decodeExactly<Value: Decodable>(as type: Value.Type = Value.self) throws -> Value {
        let decoder = JSONDecoder()
        decoder.userInfo[JSONTexts.key] = self
        return try decoder.decode(type, from: Data(bytes))
    }

    /// What lies at a decoder's path; nil where that is nothing, or a name that is there twice.
    func part(at path: ArraySlice<any CodingKey>) -> JSON? {
        guard let key = path.first else { return self }
        if let index = key.intValue {
            var reader = JSONReader(bytes)
            var items: [JSON] = []
            guard (try? reader.readArray { (reader) throws(JSONError) in items.append(try reader.readRaw()) }) != nil,
                items.indices.contains(index)
            else { return nil }
            return items[index].part(at: path.dropFirst())
        }
        let found = (fields ?? []).filter { $0.name == key.stringValue }
        return found.count == 1 ? found[0].value.part(at: path.dropFirst()) : nil
    }
}
