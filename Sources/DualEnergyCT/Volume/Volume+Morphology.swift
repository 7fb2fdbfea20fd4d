extension Volume where Element == UInt8 {
    /// The voxels whose centre lies within `radiusMm` of a set voxel's centre.
    public func dilated(byMm radiusMm: Double) -> Volume<UInt8> {
        let limit = Float(radiusMm * radiusMm)
        let distances = squaredDistancesMm2(capMm: radiusMm + largestSpacingMm)
        return Volume<UInt8>(geometry: geometry, voxels: distances.voxels.map { $0 <= limit ? 1 : 0 })
    }

    /// The set voxels whose centre lies further than `radiusMm` from each clear voxel's centre.
    ///
    /// Voxels outside the grid count as set, so what is cut by the volume's edge is not eroded from there.
    public func eroded(byMm radiusMm: Double) -> Volume<UInt8> { complement().dilated(byMm: radiusMm).complement() }

    /// Erosion, then dilation: what a ball of this radius fits into.
    public func opened(byMm radiusMm: Double) -> Volume<UInt8> { eroded(byMm: radiusMm).dilated(byMm: radiusMm) }

    /// Dilation, then erosion: gaps narrower than twice the radius are filled.
    public func closed(byMm radiusMm: Double) -> Volume<UInt8> { dilated(byMm: radiusMm).eroded(byMm: radiusMm) }

    /// 1 where this mask is 0, and the reverse.
    public func complement() -> Volume<UInt8> {
        Volume<UInt8>(geometry: geometry, voxels: voxels.map { $0 == 0 ? 1 : 0 })
    }

    /// The mask with those clear components set that do not reach a face of the volume (face neighbours).
    public func holesFilled() -> Volume<UInt8> {
        let outside = ConnectedComponents(of: complement(), connectivity: .faces)
        let g = geometry
        let reachesFace = outside.components.map { component in
            component.box.columns.lowerBound == 0 || component.box.columns.upperBound == g.columns
                || component.box.rows.lowerBound == 0 || component.box.rows.upperBound == g.rows
                || component.box.slices.lowerBound == 0 || component.box.slices.upperBound == g.slices
        }
        return Volume<UInt8>(
            geometry: g, voxels: outside.labels.voxels.map { $0 == 0 || !reachesFace[Int($0) - 1] ? 1 : 0 })
    }

    private var largestSpacingMm: Double {
        max(geometry.columnSpacingMm, max(geometry.rowSpacingMm, geometry.sliceSpacingMm))
    }
}

extension Volume where Element == Float {
    /// The largest value in a box of `radiusMm` to each side.
    ///
    /// A box and not a ball: the three axes separate, and van Herk's scheme costs three comparisons a voxel and axis.
    package func maximumFiltered(radiusMm: Double) -> Volume<Float> {
        let g = geometry
        var result = voxels
        let area = g.columns * g.rows
        let axes = [
            (count: g.columns, stride: 1, spacing: g.columnSpacingMm),
            (count: g.rows, stride: g.columns, spacing: g.rowSpacingMm),
            (count: g.slices, stride: area, spacing: g.sliceSpacingMm),
        ]
        for (number, axis) in axes.enumerated() {
            let radius = Int((radiusMm / axis.spacing).rounded())
            if radius == 0 || axis.count < 2 { continue }
            result.withUnsafeMutableBufferPointer { data in
                let data = data
                let lines = data.count / axis.count
                concurrently(lines, voxels: data.count) { range in
                    var line = RunningMaximum(count: axis.count, radius: radius)
                    for n in range {
                        let start =
                            switch number {
                            case 0: n * g.columns
                            case 1: n / g.columns * area + n % g.columns
                            default: n
                            }
                        line.run(data, start, axis.stride)
                    }
                }
            }
        }
        return Volume<Float>(geometry: g, voxels: result)
    }
}

/// The running maximum of a line by forward and backward maxima over blocks (van Herk, Gil and Werman).
private struct RunningMaximum {
    let count: Int
    let radius: Int
    var forward: [Float]
    var backward: [Float]

    init(count: Int, radius: Int) {
        self.count = count
        self.radius = radius
        let padded = count + 2 * radius
        forward = [Float](repeating: -.infinity, count: padded)
        backward = forward
    }

    mutating func run(_ data: UnsafeMutableBufferPointer<Float>, _ start: Int, _ stride: Int) {
        let window = 2 * radius + 1
        let padded = count + 2 * radius
        for n in 0..<count {
            let value = data[start + n * stride]
            forward[n + radius] = value
            backward[n + radius] = value
        }
        for n in 0..<radius {
            forward[n] = -.infinity
            backward[n] = -.infinity
            forward[padded - 1 - n] = -.infinity
            backward[padded - 1 - n] = -.infinity
        }
        for n in 1..<padded where n % window != 0 { forward[n] = max(forward[n], forward[n - 1]) }
        for n in (0..<(padded - 1)).reversed() where (n + 1) % window != 0 {
            backward[n] = max(backward[n], backward[n + 1])
        }
        for n in 0..<count { data[start + n * stride] = max(backward[n], forward[n + window - 1]) }
    }
}
