/// The volume of a deposit without its blur.
struct DepositVolume {
    var mm3: Double
    var deviationMm3: Double
    /// The part of the deviation by the mass's own, which moves mass and volume the same way.
    var byMassMm3: Double
}

/// The volume of a deposit without its blur, and what it is uncertain by.
extension DepositMeter {
    /// What the volume is computed from.
    private struct Shown {
        /// Standard deviation of the blur in mm.
        var sigmaMm: Double
        /// Volume at half maximum in mm3.
        var halfMm3: Double
        /// Mass over the peak density that the images show, in mm3; nil without mass.
        var massOverPeakMm3: Double?

        var equivalentRadiusMm: Double { cubeRoot(halfMm3 * 3 / (4 * .pi)) }

        /// Blur draws the half-maximum surface of a convex body inwards.
        var drawn: Double {
            BlurredSphere.radius(halfMaximumRadiusMm: equivalentRadiusMm, sigmaMm: sigmaMm) / equivalentRadiusMm
        }

        /// From all sphere at two standard deviations to all half maximum at three: the share of the sphere that mass and
        /// peak give.
        var sphereShare: Double {
            massOverPeakMm3 == nil ? 0 : min(1, max(0, 3 - equivalentRadiusMm / sigmaMm))
        }

        var volumeMm3: Double {
            let half = halfMm3 * drawn * drawn * drawn
            guard let massOverPeakMm3, sphereShare > 0 else { return half }
            let radius = min(
                BlurredSphere.radius(massOverPeakMm3: massOverPeakMm3, sigmaMm: sigmaMm), 1.3 * equivalentRadiusMm)
            return sphereShare * (4 / 3 * .pi * radius * radius * radius) + (1 - sphereShare) * half
        }
    }

    /// What blur draws in goes with the surface's summed mean curvature. An ellipsoid three times as long as wide has a
    /// quarter more of it than a sphere of its volume, one three times as wide as thick a fifth.
    private static let curvatureDeviation = 0.25

    /// Volume with its standard deviation: at half maximum, and for objects of the blur's size from mass and peak.
    ///
    /// Each cause of error goes through the same computation: the width of the blur, the noise of the inside, of the
    /// surface and of the peak, that of the mass, what the body's shape has of other curvatures than a sphere, what its
    /// inside has of other densities, and the surface of bone where it touches.
    func trueVolume(shape: HalfMaximum, massMg: Double, massNoiseMg: Double) -> DepositVolume {
        let peak = max(shape.peak, shape.plateau)
        let shown = Shown(
            sigmaMm: sigmaMm, halfMm3: shape.volumeMm3,
            massOverPeakMm3: massMg > 0 ? massMg * 1000 / peak : nil)
        let value = shown.volumeMm3
        func change(_ step: (inout Shown, Double) -> Void) -> Double {
            let steps = [1.0, -1].map { sign in
                var other = shown
                step(&other, sign)
                return abs(other.volumeMm3 - value)
            }
            return max(steps[0], steps[1])
        }
        let floor = region.geometry.voxelVolumeMm3 / 2
        func grown(_ mm3: Double) -> Double { change { $0.halfMm3 = max(floor, $0.halfMm3 + $1 * mm3) } }
        // How far the surface at half maximum moves for each share of the inside's density.
        let perShare = shown.sigmaMm * (2 * Double.pi).squareRoot() / 2
        let plateau = grown(shape.surfaceMm2 * perShare * shape.plateauDeviation / shape.plateau)
        // A tail a standard deviation and three quarters above the mean; lumps average out over the surface.
        let spread = (shape.peakOverMean.value - 1) / 1.75
        let lumps = grown(shape.surfaceMm2 * perShare * spread / MassEstimate.lumps.squareRoot())
        let relative = massMg > 0 ? massNoiseMg / massMg : 0
        let peakRelative = shape.peakDeviation / peak
        let drawn = shown.drawn
        let causes = [
            change { $0.sigmaMm *= 1 + $1 * PointSpread.relativeDeviation }, plateau, lumps,
            change { $0.massOverPeakMm3? *= 1 + $1 * peakRelative }, grown(shape.countDeviationMm3),
            Self.curvatureDeviation * (1 - shown.sphereShare) * shape.volumeMm3 * abs(drawn * drawn * drawn - 1),
            shape.contactMm2 * region.boneSurfaceDeviationMm(overMm2: shape.contactMm2),
            shape.bareMm2 * region.boneSurfaceDeviationMm(overMm2: shape.bareMm2),
        ]
        let byMass = change { $0.massOverPeakMm3? *= 1 + $1 * relative }
        return DepositVolume(
            mm3: max(value, floor), deviationMm3: causes.reduce(byMass * byMass) { $0 + $1 * $1 }.squareRoot(),
            byMassMm3: byMass)
    }

    /// What the densest voxels, beside the middle by parts of a voxel, show of the density in the middle: a share to 1.
    func shownByDensest(
        _ densest: [Int], of own: [(voxel: Int, density: Double)], volumeMm3: Double
    ) -> Double {
        var (middle, total) = (SIMD3<Double>(), 0.0)
        for (voxel, density) in own where density > 0 {
            middle += density * region.positionMm(voxel)
            total += density
        }
        guard total > 0 else { return 1 }
        middle /= total
        let radius = cubeRoot(volumeMm3 * 3 / (4 * .pi))
        let sum = densest.reduce(0.0) { sum, voxel in
            let d = region.positionMm(voxel) - middle
            return sum
                + BlurredSphere.profile(atMm: (d * d).sum().squareRoot(), radiusMm: radius, sigmaMm: sigmaMm)
        }
        let peak = BlurredSphere.peak(radiusMm: radius, sigmaMm: sigmaMm)
        return min(1, max(0.5, sum / Double(densest.count) / peak))
    }

    /// Standard deviation of the blur in mm, the mean over all directions.
    private var sigmaMm: Double {
        let (inPlane, axial) = (context.pointSpreadSigmaMm, context.axialSigmaMm)
        return ((2 * inPlane * inPlane + axial * axial) / 3).squareRoot()
    }

    /// Noise shifts the surface at half maximum in each patch of its grain; a voxel is in or out as a whole.
    func countDeviationMm3(_ shape: HalfMaximum, voxelNoise: Double) -> Double {
        let voxelMm3 = region.geometry.voxelVolumeMm3
        let slope = shape.plateau / (context.pointSpreadSigmaMm * (2 * Double.pi).squareRoot())
        let side = cubeRoot(voxelMm3)
        let grainMm2 = side * side * max(1, cubeRoot(context.noise.correlationVoxels * context.noise.correlationVoxels))
        let patches = max(1, shape.surfaceMm2 / grainMm2)
        let byNoise = shape.surfaceMm2 * voxelNoise / slope / patches.squareRoot()
        let byVoxels = voxelMm3 * max(1, shape.surfaceMm2 / (side * side) / 12).squareRoot()
        return (byNoise * byNoise + byVoxels * byVoxels).squareRoot()
    }
}
