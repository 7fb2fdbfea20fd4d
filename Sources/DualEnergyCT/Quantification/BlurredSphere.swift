/// A uniform sphere seen through a Gaussian point spread function: what small deposits look like.
package enum BlurredSphere {
    /// Density at the centre over the sphere's true density.
    package static func peak(radiusMm: Double, sigmaMm: Double) -> Double {
        let x = radiusMm / sigmaMm
        return errorFunction(x / 2.0.squareRoot()) - x * (2 / Double.pi).squareRoot() * exponential(-x * x / 2)
    }

    /// Density at a distance from the centre over the true density.
    package static func profile(atMm distance: Double, radiusMm: Double, sigmaMm: Double) -> Double {
        guard distance > 1e-3 * sigmaMm else { return peak(radiusMm: radiusMm, sigmaMm: sigmaMm) }
        let root = sigmaMm * 2.0.squareRoot()
        let (inner, outer) = (radiusMm - distance, radiusMm + distance)
        let edges = 0.5 * (errorFunction(inner / root) + errorFunction(outer / root))
        let square = 2 * sigmaMm * sigmaMm
        let tails = exponential(-inner * inner / square) - exponential(-outer * outer / square)
        return edges - sigmaMm / (distance * (2 * Double.pi).squareRoot()) * tails
    }

    /// Radius in mm of the sphere with the given mass over peak (mg over mg/mm3, so mm3), found by bisection.
    ///
    /// Mass and peak survive blur in different ways, so their quotient gives the size: half-maximum volumes of objects
    /// below three standard deviations are too large by a factor that grows without limit.
    package static func radius(massOverPeakMm3 quotient: Double, sigmaMm: Double) -> Double {
        func value(_ radius: Double) -> Double {
            4 / 3 * Double.pi * radius * radius * radius / max(peak(radiusMm: radius, sigmaMm: sigmaMm), 1e-12)
        }
        var (low, high) = (1e-3, 50.0)
        for _ in 0..<60 {
            let middle = (low + high) / 2
            if value(middle) < quotient { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }

    /// Radius in mm of the sphere whose blurred image has this radius at half of its inside.
    ///
    /// Its inside is the mean over the inner third of the volume seen: blur lowers that too, so the two effects cancel
    /// in part. Never more than a third beyond the radius seen.
    package static func radius(halfMaximumRadiusMm seen: Double, sigmaMm: Double) -> Double {
        func inside(_ radius: Double) -> Double {
            var (sum, volume) = (0.0, 0.0)
            for step in 0..<12 {
                let at = (Double(step) + 0.5) / 12 * 0.69 * seen
                sum += at * at * profile(atMm: at, radiusMm: radius, sigmaMm: sigmaMm)
                volume += at * at
            }
            return sum / volume
        }
        var (low, high) = (0.5 * seen, 4 / 3 * seen)
        for _ in 0..<30 {
            let middle = (low + high) / 2
            // A larger sphere shows more than half of its inside at the radius seen.
            let isLarger = profile(atMm: seen, radiusMm: middle, sigmaMm: sigmaMm) > inside(middle) / 2
            if isLarger { high = middle } else { low = middle }
        }
        return (low + high) / 2
    }
}
