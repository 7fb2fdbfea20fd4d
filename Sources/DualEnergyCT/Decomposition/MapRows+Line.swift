extension MapRows {
    typealias Maps = UnsafePointer<UnsafeMutablePointer<Float>>

    /// Evaluates a row of voxels, given by the first one.
    func evaluate(line: Int) {
        let start = line - firstVoxel
        maps.withUnsafeBufferPointer { maps in
            guard let maps = maps.baseAddress else { return }
            var next = 0
            for run in runs {
                clear(next..<run.lowerBound, maps, start)
                evaluate(run.clamped(to: 0..<wholeBlocks), low + line, high + line, maps, start)
                next = run.upperBound
            }
            if next < wholeBlocks { clear(next..<wholeBlocks, maps, start) }
        }
        if wholeBlocks < blocks { evaluateRest(line) }
    }

    /// All maps of some blocks of a line, which begins at `start` in the maps.
    private func evaluate(
        _ run: Range<Int>, _ low: UnsafePointer<Int16>, _ high: UnsafePointer<Int16>, _ maps: Maps, _ start: Int
    ) {
        forms.withUnsafeBufferPointer { forms in
            guard let forms = forms.baseAddress else { return }
            MapKernels.linear(run, low, high, forms, counts, into: maps, at: start)
        }
        for m in counts.linear..<rules.count {
            for n in run {
                let place = Lanes.scalarCount * n
                unlike(m, n, VoxelLanes(low + place, high + place)).store(maps[m] + start + place)
            }
        }
    }

    /// A map that is no linear form.
    private func unlike(_ m: Int, _ n: Int, _ voxel: VoxelLanes) -> Lanes {
        let (x, y) = (voxel.low, voxel.high)
        return coefficients[m].withUnsafeBufferPointer { own in
            guard let own = own.baseAddress.map({ $0 + rules[m].coefficientCount * n }) else { return Lanes() }
            let value: Lanes
            switch rules[m].form {
            case .quotient: value = MapKernels.quotient(x, y, own, least: 0.1)
            case .atomicNumber: value = AtomicNumber.fromPower(MapKernels.quotient(x, y, own, least: 0.1))
            case .quotientDeviation: value = MapKernels.quotientDeviation(x, y, own, least: 0.1).deviation
            case .atomicNumberDeviation:
                let power = MapKernels.quotientDeviation(x, y, own, least: 0.1)
                value = AtomicNumber.deviation(power.deviation, ofPower: power.value, least: 0.1)
            case .linear, .linearDeviation, .linearOnTissue, .onTissueDeviation, .constrained, .constrainedDeviation:
                preconditionFailure("linear maps come first")
            }
            let inAir = (rules[m].airShare ?? 0) * (x + y)
            return value.masked(voxel.tissue) + inAir.masked(~voxel.tissue)
        }
    }

    /// Air: 0 in all maps, four blocks at a time where there are as many.
    private func clear(_ run: Range<Int>, _ maps: Maps, _ start: Int) {
        var block = run.lowerBound
        while block + 4 <= run.upperBound {
            for n in 0..<rules.count {
                let place = maps[n] + start + Lanes.scalarCount &* block
                for part in 0..<4 { Lanes().store(place + Lanes.scalarCount &* part) }
            }
            block += 4
        }
        for block in block..<run.upperBound {
            for n in 0..<rules.count { Lanes().store(maps[n] + start + Lanes.scalarCount &* block) }
        }
    }

    /// The last columns, fewer than a block has: as a block of their own, of which they are taken.
    private func evaluateRest(_ line: Int) {
        let first = Lanes.scalarCount * wholeBlocks
        let low = [Int16](UnsafeBufferPointer(start: low + line + first, count: columns - first))
        let high = [Int16](UnsafeBufferPointer(start: high + line + first, count: columns - first))
        let padding = [Int16](repeating: 0, count: first + Lanes.scalarCount - columns)
        var values = [Lanes](repeating: Lanes(), count: maps.count)
        values.withUnsafeMutableBytes { bytes in
            guard let base = bytes.assumingMemoryBound(to: Float.self).baseAddress else { return }
            let own = maps.indices.map { base + Lanes.scalarCount * $0 }
            own.withUnsafeBufferPointer { own in
                (low + padding).withUnsafeBufferPointer { low in
                    (high + padding).withUnsafeBufferPointer { high in
                        guard let own = own.baseAddress, let low = low.baseAddress, let high = high.baseAddress else {
                            return
                        }
                        evaluate(wholeBlocks..<blocks, low - first, high - first, own, -first)
                    }
                }
            }
        }
        for (map, values) in zip(maps, values) {
            for column in first..<columns { map[line - firstVoxel + column] = values[column - first] }
        }
    }
}
