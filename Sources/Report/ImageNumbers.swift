/// Instance Numbers of a series, written as a person writes page numbers: `1-160, 170`.
public struct ImageNumbers: Sendable, Equatable {
    private let numbers: Set<Int>

    public init(_ numbers: some Sequence<Int>) { self.numbers = Set(numbers) }

    /// Nil for what ``text`` never writes.
    public init?(text: String) {
        var numbers: Set<Int> = []
        for part in text.split(separator: ",") {
            let ends = part.drop { $0 == " " }.split(separator: "-").map { Int($0) }
            guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2, first <= last,
                last - first < 1_000_000
            else { return nil }
            numbers.formUnion(first...last)
        }
        self.numbers = numbers
    }

    public var isEmpty: Bool { numbers.isEmpty }

    public func subtracting(_ other: ImageNumbers) -> ImageNumbers {
        ImageNumbers(numbers.subtracting(other.numbers))
    }

    public var text: String {
        var runs: [ClosedRange<Int>] = []
        for number in numbers.sorted() {
            if let last = runs.last, last.upperBound + 1 == number {
                runs[runs.count - 1] = last.lowerBound...number
            } else {
                runs.append(number...number)
            }
        }
        return runs.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
            .joined(separator: ", ")
    }
}
