/// An artery with calcified plaques in its wall.
struct Artery: Sendable {
    /// A plaque: part of the wall along the vessel and around it.
    struct Plaque: Sendable {
        /// Along the vessel from its beginning, in mm.
        var along: ClosedRange<Float>
        /// Middle and half width around the vessel, in degrees; 180 is a ring.
        var middle: Float
        var halfWidth: Float
        var thicknessMm: Float
    }

    var path: [Point]
    /// Of the lumen, from the beginning of the path to its end.
    var radii: ClosedRange<Float>
    var plaques: [Plaque] = []
    var mgPerCm3: Double

    /// Plaques over a share of the length: the media's tram-tracks and rings in small arteries, plates in large ones.
    mutating func calcify(share: Float, using generator: inout SeededGenerator) {
        let total = zip(path, path.dropFirst()).reduce(0) { $0 + length($1.1 - $1.0) }
        var covered: Float = 0
        for _ in 0..<200 where covered < share * total {
            let extent = generator.uniform(2...14)
            let start = generator.uniform(0...max(1, total - extent))
            let radius = radii.upperBound
            let isMedial = radius < 3 || generator.uniform() < 0.4
            let thickness = isMedial ? generator.uniform(0.3...0.7) : generator.uniform(0.8...1.8)
            let middle = generator.uniform(0...360)
            if !isMedial {
                add(start, extent, middle, generator.uniform(25...80), thickness)
            } else if generator.uniform() < 0.4 {
                add(start, min(extent, 5), middle, 180, thickness)
            } else {
                add(start, extent, middle, 50, thickness)
                add(start, extent, middle + 180, 50, thickness)
            }
            covered += extent
        }
    }

    private mutating func add(_ start: Float, _ extent: Float, _ middle: Float, _ half: Float, _ thickness: Float) {
        plaques.append(
            Plaque(along: start...(start + extent), middle: middle, halfWidth: half, thicknessMm: thickness))
    }

    /// Paints lumen and plaques of a plane over soft tissue.
    func paint(_ grid: PlaneGrid, label: UInt8, into labels: UnsafeMutableBufferPointer<UInt8>) {
        let total = zip(path, path.dropFirst()).reduce(0) { $0 + length($1.1 - $1.0) }
        let reach = max(radii.lowerBound, radii.upperBound) + 2
        var start: Float = 0
        for (a, b) in zip(path, path.dropFirst()) {
            let extent = length(b - a)
            defer { start += extent }
            guard extent > 0, let box = Box.slab(a, b, radius: reach, z: grid.z) else { continue }
            let frame = SegmentFrame(
                axis: b - a, dorsal: abs((b - a).y) < 0.7 * extent ? Point(0, 1, 0) : Point(1, 0, 0))
            let (columns, rows) = grid.ranges(box)
            for j in rows {
                for i in columns {
                    let at = j * grid.nx + i
                    guard Tissue(rawValue: labels[at]).canCalcify else { continue }
                    let q = grid.point(i, j) - a
                    let s = dot(q, frame.axis)
                    guard s > -0.2, s < extent + 0.2 else { continue }
                    let (u, v) = (dot(q, frame.lateral), dot(q, frame.dorsal))
                    let out = (u * u + v * v).squareRoot()
                    guard out < reach else { continue }
                    let along = start + s
                    let radius = mix(radii.upperBound, radii.lowerBound, along / total)
                    if out < radius {
                        labels[at] = Tissue.fluid.rawValue
                    } else if isPlaque(along: along, u: u, v: v, height: out - radius) {
                        labels[at] = label
                    }
                }
            }
        }
    }

    private func isPlaque(along: Float, u: Float, v: Float, height: Float) -> Bool {
        plaques.contains { plaque in
            guard height < plaque.thicknessMm, plaque.along.contains(along) else { return false }
            let (c, s) = (cosine(degrees: plaque.middle), sine(degrees: plaque.middle))
            let cosineOfAngle = (u * c + v * s) / max((u * u + v * v).squareRoot(), 1e-3)
            return plaque.halfWidth >= 180 || cosineOfAngle > cosine(degrees: plaque.halfWidth)
        }
    }

    var mixture: Mixture { .mineral(.hydroxyapatite, mgPerCm3: mgPerCm3, in: Mixture(.muscle)) }
}
