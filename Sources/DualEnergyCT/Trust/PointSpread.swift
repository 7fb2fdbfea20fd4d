/// Sharpness of the images, from the steepness of the skin's edge.
package enum PointSpread {
    /// A Gaussian's standard deviation in mm where nothing can be measured: a medium soft-tissue kernel.
    package static let defaultSigmaMm = 0.45

    /// Relative standard deviation of the measured width: folds of skin and the blur's true shape, which is no Gaussian.
    package static let relativeDeviation = 0.06

    /// Along the slices, from the full width at half maximum of the slice profile: no skin lies across that direction
    /// but at the fingertips.
    package static func axialSigmaMm(sliceThicknessMm: Double) -> Double {
        min(max(sliceThicknessMm / 2.3548, 0.2), 1.2)
    }

    /// Standard deviation in mm of the point spread function in plane, taken as a Gaussian.
    ///
    /// A blurred step of height D has the steepest slope D / (sigma sqrt(2 pi)). The slope is taken at surface voxels
    /// half way between air and skin that face a direction in plane; central differences over two voxels widen it by a
    /// third of the squared spacing.
    package static func measure(_ image: Volume<Int16>) -> Double {
        let g = image.geometry
        guard g.columns > 4, g.rows > 4, g.slices > 4 else { return defaultSigmaMm }
        var squares: [Double] = []
        let step = 1040.0
        let area = g.columns * g.rows
        image.voxels.withUnsafeBufferPointer { v in
            for k in 2..<(g.slices - 2) {
                for j in 2..<(g.rows - 2) {
                    let row = g.index(0, j, k)
                    for i in 2..<(g.columns - 2) where v[row + i] > -620 && v[row + i] < -330 {
                        let n = row + i
                        let x = Double(Int(v[n + 1]) - Int(v[n - 1])) / (2 * g.columnSpacingMm)
                        let y = Double(Int(v[n + g.columns]) - Int(v[n - g.columns])) / (2 * g.rowSpacingMm)
                        let z = Double(Int(v[n + area]) - Int(v[n - area])) / (2 * g.sliceSpacingMm)
                        let inPlane = x * x + y * y
                        guard inPlane > 4 * z * z else { continue }
                        let slope = (inPlane + z * z).squareRoot()
                        let measured = step / (slope * (2 * Double.pi).squareRoot())
                        let (nx, ny) = (x * g.columnSpacingMm / slope, y * g.rowSpacingMm / slope)
                        squares.append(measured * measured - (nx * nx + ny * ny) / 3)
                    }
                }
            }
        }
        guard squares.count >= 500 else { return defaultSigmaMm }
        squares.sort()
        // Folds and pads flatten some edges: the lower third of the widths is the clean skin.
        let squared = max(squares[squares.count / 3], 0.04)
        return min(max(squared.squareRoot(), 0.25), 1.2)
    }
}
