internal import TOMLKit

/// Reads the keys of one table, collects what is wrong with them, and knows which keys nobody asked for.
final class TableReader {
    private let table: TOMLTable
    private let path: String
    private let file: String
    private let lines: LineIndex
    private var asked: Set<String> = []
    private(set) var problems: [ConfigurationError.Problem] = []

    init(_ table: TOMLTable, path: String, file: String, lines: LineIndex) {
        self.table = table
        self.path = path
        self.file = file
        self.lines = lines
    }

    func string(_ key: String, _ check: (String) -> String? = { _ in nil }) -> String? {
        value(key, "a text in quotes", { $0.string }, check)
    }

    func integer(_ key: String, in range: ClosedRange<Int>) -> Int? {
        value(key, "a whole number", { $0.int }, Self.within(range))
    }

    func number(_ key: String, in range: ClosedRange<Double>) -> Double? {
        value(key, "a number", { $0.double ?? $0.int.map(Double.init) }, Self.within(range))
    }

    func bool(_ key: String) -> Bool? { value(key, "true or false", { $0.bool }, { _ in nil }) }

    func strings(_ key: String, _ check: ([String]) -> String? = { _ in nil }) -> [String]? {
        value(key, "a list of texts in quotes", Self.texts, check)
    }

    private static func within<Value: Comparable>(_ range: ClosedRange<Value>) -> (Value) -> String? {
        { range.contains($0) ? nil : "must lie from \(range.lowerBound) to \(range.upperBound)" }
    }

    private static func texts(_ value: any TOMLValueConvertible) -> [String]? {
        guard let array = value.array else { return nil }
        let texts = array.compactMap { $0.string }
        return texts.count == array.count ? texts : nil
    }

    func table(_ key: String) -> TableReader? {
        asked.insert(key)
        guard let value = table[key] else { return nil }
        guard let inner = value.table else {
            complain(key, "\(key) must be a section: write [\(key)] on a line of its own.")
            return nil
        }
        return TableReader(inner, path: joined(key), file: file, lines: lines)
    }

    func tables(_ key: String) -> [TableReader] {
        asked.insert(key)
        guard let value = table[key] else { return [] }
        guard let array = value.array, array.allSatisfy({ $0.table != nil }) else {
            complain(key, "\(key) must be a list of sections: write [[\(key)]] before each.")
            return []
        }
        return array.enumerated().compactMap { index, element in
            element.table.map { TableReader($0, path: "\(joined(key))[\(index)]", file: file, lines: lines) }
        }
    }

    func complain(_ key: String?, _ message: String) {
        let place = key.map(joined) ?? path
        problems.append(.init(file: file, line: lines[place] ?? lines[path], message: message))
    }

    /// Problems of this table and its unknown keys; called last.
    func finish() -> [ConfigurationError.Problem] {
        for key in table.keys where !asked.contains(key) {
            let known = asked.sorted().joined(separator: ", ")
            complain(key, "unknown key \(joined(key)): remove it or correct it; known here are \(known).")
        }
        return problems
    }

    private func joined(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    private func value<Value>(
        _ key: String, _ expected: String, _ read: (any TOMLValueConvertible) -> Value?, _ check: (Value) -> String?
    ) -> Value? {
        asked.insert(key)
        guard let raw = table[key] else { return nil }
        guard let value = read(raw) else {
            complain(key, "\(joined(key)) must be \(expected).")
            return nil
        }
        if let complaint = check(value) {
            complain(key, "\(joined(key)) \(complaint).")
            return nil
        }
        return value
    }
}
