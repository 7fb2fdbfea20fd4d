/// Lines around what is above a level, as a map has contour lines.
enum ContourLines {
    typealias Point = (x: Double, y: Double)

    /// Pieces of the contour in pixels of the plane, centres of pixels at whole numbers.
    static func trace(_ values: [Double], columns: Int, rows: Int, level: Double) -> [(from: Point, to: Point)] {
        var result: [(from: Point, to: Point)] = []
        for row in 0..<(rows - 1) {
            for column in 0..<(columns - 1) {
                let corners = [
                    values[row * columns + column], values[row * columns + column + 1],
                    values[(row + 1) * columns + column + 1], values[(row + 1) * columns + column],
                ]
                let inside = corners.map { $0 >= level }
                guard inside.contains(true), inside.contains(false) else { continue }
                let places: [Point] = [(0, 0), (1, 0), (1, 1), (0, 1)]
                var crossings: [Point] = []
                for edge in 0..<4 where inside[edge] != inside[(edge + 1) % 4] {
                    let (a, b) = (corners[edge], corners[(edge + 1) % 4])
                    let t = (level - a) / (b - a)
                    let (p, q) = (places[edge], places[(edge + 1) % 4])
                    crossings.append(
                        (Double(column) + p.x + t * (q.x - p.x), Double(row) + p.y + t * (q.y - p.y)))
                }
                result.append((crossings[0], crossings[1]))
                if crossings.count == 4 { result.append((crossings[2], crossings[3])) }
            }
        }
        return result
    }
}
