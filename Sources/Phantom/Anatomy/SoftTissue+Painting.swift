extension SoftTissue {
    /// Paints a plane from the air inwards: skin, fat, muscles and tendons; nothing more where it misses the body.
    ///
    /// - Parameter more: what lies on these and needs the depth under the skin at each point.
    /// - Returns: whether the plane meets the body.
    func paint(
        _ grid: PlaneGrid, into labels: UnsafeMutableBufferPointer<UInt8>,
        more: (_ depth: UnsafeMutableBufferPointer<Float>) -> Void = { _ in }
    ) -> Bool {
        labels.update(repeating: Tissue.air.rawValue)
        let rods = envelope.filter { Box.slab($0.a, $0.b, radius: $0.largestRadius + 3, z: grid.z) != nil }
        guard !rods.isEmpty else { return false }
        var depth = [Float](repeating: -10, count: grid.nx * grid.ny)
        depth.withUnsafeMutableBufferPointer { depth in
            paintSkin(grid, rods, depth, labels)
            paintStrands(grid, depth, labels)
            more(depth)
        }
        return true
    }

    /// Writes the depth under the skin at each point of a plane, and skin and fat where it is not negative.
    private func paintSkin(
        _ grid: PlaneGrid, _ rods: [TaperedRod], _ depth: UnsafeMutableBufferPointer<Float>,
        _ labels: UnsafeMutableBufferPointer<UInt8>
    ) {
        // The depth is smooth: sampled every 0.8 mm and interpolated.
        let every = max(1, Int((0.8 / abs(grid.stepX)).rounded()))
        let coarseX = (grid.nx - 1) / every + 2
        let coarseY = (grid.ny - 1) / every + 2
        var coarse = [Float](repeating: 0, count: coarseX * coarseY)
        for j in 0..<coarseY {
            for i in 0..<coarseX {
                coarse[j * coarseX + i] = self.depth(grid.point(i * every, j * every), among: rods)
            }
        }
        let share = 1 / Float(every)
        for j in 0..<grid.ny {
            let row = j / every
            let ty = Float(j - row * every) * share
            for i in 0..<grid.nx {
                let column = i / every
                let tx = Float(i - column * every) * share
                let at = row * coarseX + column
                let d = mix(
                    mix(coarse[at], coarse[at + 1], tx), mix(coarse[at + coarseX], coarse[at + coarseX + 1], tx), ty)
                depth[j * grid.nx + i] = d
                if d > 0 {
                    labels[j * grid.nx + i] = d < skinMm ? Tissue.skin.rawValue : Tissue.fat.rawValue
                }
            }
        }
    }

    /// Muscles and tendons over the fat.
    private func paintStrands(
        _ grid: PlaneGrid, _ depth: UnsafeMutableBufferPointer<Float>, _ labels: UnsafeMutableBufferPointer<UInt8>
    ) {
        for strand in strands {
            guard let box = Box.slab(strand.rod.a, strand.rod.b, radius: strand.rod.largestRadius, z: grid.z) else {
                continue
            }
            let least = skinMm + (strand.tissue == .muscle ? 1.2 : 0.3)
            let (columns, rows) = grid.ranges(box)
            for j in rows {
                for i in columns where depth[j * grid.nx + i] > least {
                    if strand.rod.depth(grid.point(i, j)) > 0 { labels[j * grid.nx + i] = strand.tissue.rawValue }
                }
            }
        }
    }
}
