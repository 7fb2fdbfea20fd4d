import DualEnergyCT

extension Radiograph {
    /// Deposits and the blur around them replaced by the tissue they lie in.
    static func withoutDeposits(_ image: Volume<Int16>, _ labels: Volume<UInt16>) -> Volume<Int16> {
        let g = image.geometry
        // The scanner's blur reaches about a millimetre beyond a deposit's edge.
        func reach(_ spacingMm: Double) -> Int { Int((1.2 / spacingMm).rounded(.up)) }
        let (ri, rj, rk) = (reach(g.columnSpacingMm), reach(g.rowSpacingMm), reach(g.sliceSpacingMm))
        var near = [Bool](repeating: false, count: g.voxelCount)
        for k in 0..<g.slices {
            for j in 0..<g.rows {
                for i in 0..<g.columns where labels.voxels[g.index(i, j, k)] >= SegmentLabel.firstDeposit {
                    for c in max(0, k - rk)...min(g.slices - 1, k + rk) {
                        for b in max(0, j - rj)...min(g.rows - 1, j + rj) {
                            for a in max(0, i - ri)...min(g.columns - 1, i + ri) { near[g.index(a, b, c)] = true }
                        }
                    }
                }
            }
        }
        var result = image
        for index in near.indices where near[index] {
            let label = labels.voxels[index]
            // Bone and metal beside a deposit stay; muscle stands for the tissue under calcium.
            if label >= SegmentLabel.firstDeposit || label == SegmentLabel.none {
                result.voxels[index] = min(image.voxels[index], 50)
            }
        }
        return result
    }
}

/// The mean of a square around each pixel.
enum BoxBlur {
    static func blurred(_ values: [Double], width: Int, height: Int, radius: Int) -> [Double] {
        let radius = max(1, radius)
        func pass(_ values: [Double], lines: Int, length: Int, step: Int, lineStep: Int) -> [Double] {
            var result = values
            for line in 0..<lines {
                let start = line * lineStep
                var sum = 0.0
                var count = 0.0
                for i in 0..<min(radius, length) {
                    sum += values[start + i * step]
                    count += 1
                }
                for i in 0..<length {
                    if i + radius < length {
                        sum += values[start + (i + radius) * step]
                        count += 1
                    }
                    if i - radius - 1 >= 0 {
                        sum -= values[start + (i - radius - 1) * step]
                        count -= 1
                    }
                    result[start + i * step] = sum / count
                }
            }
            return result
        }
        var result = values
        // Twice is nearly a bell.
        for _ in 0..<2 {
            result = pass(result, lines: height, length: width, step: 1, lineStep: width)
            result = pass(result, lines: width, length: height, step: width, lineStep: 1)
        }
        return result
    }
}
