/// The cheapest pairing of rows with columns.
package enum Assignment {
    /// The column of each row, or nil where leaving it alone is cheaper.
    ///
    /// Jonker and Volgenant's shortest augmenting paths on a square of costs, with a place of its own for every row and
    /// column that stays alone.
    package static func cheapest(_ costs: [[Double]], alone: Double) -> [Int?] {
        let rows = costs.count
        let columns = costs.first?.count ?? 0
        let size = rows + columns
        guard rows > 0, columns > 0 else { return [Int?](repeating: nil, count: rows) }
        func cost(_ r: Int, _ c: Int) -> Double {
            if r < rows, c < columns { return costs[r][c] }
            if r < rows { return c - columns == r ? alone : 1e6 }
            if c < columns { return r - rows == c ? alone : 1e6 }
            return 0
        }
        var u = [Double](repeating: 0, count: size + 1)
        var v = u
        var rowOf = [Int](repeating: 0, count: size + 1)
        for r in 1...size {
            rowOf[0] = r
            var column = 0
            var least = [Double](repeating: .infinity, count: size + 1)
            var before = [Int](repeating: 0, count: size + 1)
            var used = [Bool](repeating: false, count: size + 1)
            repeat {
                used[column] = true
                let row = rowOf[column]
                var (delta, next) = (Double.infinity, 0)
                for c in 1...size where !used[c] {
                    let reduced = cost(row - 1, c - 1) - u[row] - v[c]
                    if reduced < least[c] { (least[c], before[c]) = (reduced, column) }
                    if least[c] < delta { (delta, next) = (least[c], c) }
                }
                for c in 0...size {
                    if used[c] {
                        u[rowOf[c]] += delta
                        v[c] -= delta
                    } else {
                        least[c] -= delta
                    }
                }
                column = next
            } while rowOf[column] != 0
            repeat {
                let previous = before[column]
                rowOf[column] = rowOf[previous]
                column = previous
            } while column != 0
        }
        var result = [Int?](repeating: nil, count: rows)
        for c in 1...columns where rowOf[c] >= 1 && rowOf[c] <= rows { result[rowOf[c] - 1] = c - 1 }
        return result
    }
}
