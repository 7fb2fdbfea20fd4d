/// A cylinder, round or oval, with rods that stand in it at any angle, on a table.
struct RodBody: PaintedObject {
    struct Rod: Sendable {
        /// Where the axis passes the plane z = 0, and its run in x and y for each mm of z.
        var foot: SIMD2<Float>
        var slope: SIMD2<Float>
        var radius: Float
        var mixture: Mixture

        func holds(_ p: Point) -> Bool {
            let direction = normalized(Point(slope.x, slope.y, 1))
            let w = p - Point(foot.x, foot.y, 0)
            let across = w - dot(w, direction) * direction
            return dot(across, across) < radius * radius
        }
    }

    /// Half the width and half the height of the body.
    var half: SIMD2<Float>
    /// Where the body's axis lies.
    var centre: SIMD2<Float>
    var body: Mixture
    var rods: [Rod]
    var hasTable: Bool

    private static let tableLabel: UInt8 = 2
    private static let firstRod: UInt8 = 3
    /// Gap to the table and its thickness in mm.
    private static let table = (gap: Float(3), thickness: Float(3))

    /// Centred on the scanner's axis, so that an eccentric body lies eccentrically.
    func box(z: ClosedRange<Float>) -> Box {
        let x = half.x + abs(centre.x)
        let y = half.y + abs(centre.y) + (hasTable ? Self.table.gap + Self.table.thickness : 0)
        return Box(Point(-x, -y, z.lowerBound), Point(x, y, z.upperBound), margin: 2)
    }

    func paint(_ grid: PlaneGrid, into labels: UnsafeMutableBufferPointer<UInt8>) {
        for j in 0..<grid.ny {
            for i in 0..<grid.nx {
                let p = grid.point(i, j)
                let (x, y) = ((p.x - centre.x) / half.x, (p.y - centre.y) / half.y)
                guard x * x + y * y < 1 else {
                    labels[j * grid.nx + i] = isTable(p) ? Self.tableLabel : 0
                    continue
                }
                var label: UInt8 = 1
                for (number, rod) in rods.enumerated() where rod.holds(p) { label = Self.firstRod + UInt8(number) }
                labels[j * grid.nx + i] = label
            }
        }
    }

    private func isTable(_ p: Point) -> Bool {
        let depth = p.y - centre.y - half.y - Self.table.gap
        return hasTable && depth > 0 && depth < Self.table.thickness
    }

    var mixtures: [(label: UInt8, mixture: Mixture)] {
        [(0, Mixture(.air)), (1, body), (Self.tableLabel, Mixture(.adipose))]
            + rods.enumerated().map { (Self.firstRod + UInt8($0.offset), $0.element.mixture) }
    }
}
