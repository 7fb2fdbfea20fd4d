/// Sharpness of the images, from the steepness of the skin's edge.
package enum PointSpread {
    /// A Gaussian's standard deviation in mm where nothing can be measured: a medium soft-tissue kernel.
    package static let defaultSigmaMm = 0.45

    /// Standard deviation in mm of the point spread function taken as a Gaussian, all directions together.
    ///
    /// A blurred step of height D has the steepest slope D / (sigma sqrt(2 pi)). The slope is taken at surface voxels
    /// half way between air and skin; central differences over two voxels widen it by a third of the squared spacing.
    package static func measure(_ image: Volume<Int16>) -> Double {
        let g = image.geometry
        guard g.columns > 4, g.rows > 4, g.slices > 4 else { return defaultSigmaMm }
        var slopes: [Double] = []
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
                        slopes.append((x * x + y * y + z * z).squareRoot())
                    }
                }
            }
        }
        guard slopes.count >= 500 else { return defaultSigmaMm }
        slopes.sort()
        // Folds and pads flatten some edges: the upper third of the slopes is the clean skin.
        let slope = slopes[slopes.count * 2 / 3]
        let step = 1040.0
        let measured = step / (slope * (2 * Double.pi).squareRoot())
        let spacing = max(g.columnSpacingMm, g.rowSpacingMm)
        let squared = max(measured * measured - spacing * spacing / 3, 0.04)
        return min(max(squared.squareRoot(), 0.25), 1.2)
    }
}
