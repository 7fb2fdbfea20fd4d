extension DepositCatalogue {
    /// Sums over the deposits of class hydroxyapatite.
    ///
    /// Noise is independent between deposits, calibration is the same for all: the one adds in squares, the other
    /// straight. The deposits of one hand are of one kind: half of what their matrices differ from expectation by is
    /// common to them.
    /// - Parameter members: indices of the deposits to sum over; nil for all.
    package func totals(_ limit: DetectionLimit, of members: [Int]? = nil) -> Totals {
        let calcium = (members.map { $0.map { measurements[$0] } } ?? measurements)
            .filter { $0.material == .hydroxyapatite }
        let mass = calcium.reduce(0) { $0 + $1.massMg.value }
        let noise = calcium.reduce(0) { $0 + $1.massNoiseMg * $1.massNoiseMg }
        let calibration = calcium.reduce(0) { $0 + $1.massCalibrationMg }
        let matrix = calcium.reduce(0) { $0 + $1.massMatrixMg }
        let matrixSquares = calcium.reduce(0) { $0 + $1.massMatrixMg * $1.massMatrixMg }
        let variance = noise + 0.5 * (matrix * matrix - matrixSquares) + calibration * calibration
        let volume = calcium.reduce(0) { $0 + $1.volumeMm3.value }
        // The surface of all deposits is drawn in or out by the same rule: straight as well.
        let volumeDeviation = calcium.reduce(0) { $0 + $1.volumeDeviationMm3 }
        return Totals(
            count: calcium.count, volumeMm3: .normal(volume, volumeDeviation, atLeast: 0),
            hydroxyapatiteMassMg: .normal(mass, variance.squareRoot(), atLeast: 0),
            smallestDetectableVolumeMm3: limit.hydroxyapatiteMm3)
    }

    /// Positive with a deposit of class urate that is no smaller than any is looked for; indeterminate where there is but
    /// less, or where a deposit of the size of the limit may be urate.
    package func urateStatement(_ limit: DetectionLimit) -> UrateStatement {
        let urate = deposits.filter { $0.material == .urate }
        let volume = urate.reduce(0) { $0 + $1.volumeMm3.value }
        let isFound = urate.contains { $0.volumeMm3.value >= CandidateRules.leastUrateMm3 }
        let isOpen =
            !urate.isEmpty
            || deposits.contains { $0.material == .indeterminate && $0.volumeMm3.value >= limit.urateMm3 }
        let verdict: UrateStatement.Verdict = isFound ? .positive : isOpen ? .indeterminate : .negative
        return UrateStatement(
            verdict: verdict, volumeMm3: volume, smallestDetectableVolumeMm3: limit.urateMm3)
    }

    /// `SegmentLabel` values on the full grid.
    package func labels(on grid: GridGeometry, box: VoxelBox) -> Volume<UInt16> {
        var result = Volume<UInt16>(geometry: grid, repeating: SegmentLabel.none)
        let g = context.low.geometry
        func target(_ n: Int) -> Int {
            let (i, j, k) = (n % g.columns, n / g.columns % g.rows, n / (g.columns * g.rows))
            return grid.index(
                i + box.columns.lowerBound, j + box.rows.lowerBound, k + box.slices.lowerBound)
        }
        for (n, label) in context.segmentation.labels.voxels.enumerated() {
            switch label {
            case TissueLabel.bone: result.voxels[target(n)] = SegmentLabel.bone
            case TissueLabel.metal: result.voxels[target(n)] = SegmentLabel.metal
            case TissueLabel.excluded: result.voxels[target(n)] = SegmentLabel.excluded
            default: break
            }
        }
        for n in excludedVoxels { result.voxels[target(n)] = SegmentLabel.excluded }
        for n in vascularVoxels { result.voxels[target(n)] = SegmentLabel.vascular }
        for n in otherVoxels { result.voxels[target(n)] = SegmentLabel.otherCalcification }
        for (number, voxels) in voxelLists.enumerated() {
            let label = SegmentLabel.firstDeposit + UInt16(number)
            for n in voxels { result.voxels[target(n)] = label }
        }
        return result
    }
}

/// The longest straight line between two voxels of a set.
package enum Diameter {
    /// In mm: the largest extent over 145 directions, with one voxel for the thickness of its ends. Within 1 % of exact.
    package static func largest(_ voxels: [Int], in g: GridGeometry) -> Double {
        var largest = 0.0
        let steps = 12
        for a in 0...steps {
            let polar = Double.pi / 2 * Double(a) / Double(steps)
            for b in 0..<(a == 0 ? 1 : 2 * steps) {
                let azimuth = Double.pi * Double(b) / Double(steps)
                let (x, y, z) = (sine(polar) * cosine(azimuth), sine(polar) * sine(azimuth), cosine(polar))
                var (low, high) = (Double.infinity, -Double.infinity)
                for n in voxels {
                    let (i, j, k) = (n % g.columns, n / g.columns % g.rows, n / (g.columns * g.rows))
                    let at =
                        x * Double(i) * g.columnSpacingMm + y * Double(j) * g.rowSpacingMm
                        + z * Double(k) * g.sliceSpacingMm
                    low = min(low, at)
                    high = max(high, at)
                }
                largest = max(largest, high - low)
            }
        }
        return largest + (g.columnSpacingMm + g.rowSpacingMm + g.sliceSpacingMm) / 3
    }
}

extension DepositCatalogue {
    /// Volume of all deposits over that of the bone in the images; nil where there is less bone than that.
    package func volumeOverBone(leastBoneMm3: Double) -> Double? {
        let bone = context.segmentation.labels.voxels.count { $0 == TissueLabel.bone }
        let boneMm3 = Double(bone) * context.low.geometry.voxelVolumeMm3
        guard boneMm3 >= leastBoneMm3 else { return nil }
        return deposits.reduce(0) { $0 + $1.volumeMm3.value } / boneMm3
    }
}
