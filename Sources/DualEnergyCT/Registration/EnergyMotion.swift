/// Motion between the two images of a pair: what was measured, what was taken out, what remains.
public struct EnergyMotion: Sendable, Equatable {
    /// Largest displacement found between the images as they came, in mm.
    public var measuredMm: Double
    /// Largest displacement that was taken out, in mm; 0 when the images were left as they came.
    public var correctedMm: Double
    /// Parts of the body that were moved otherwise than the whole; 0 when all moved alike.
    public var partsMoved: Int
    /// Largest displacement of a part that is left, in mm: the measured one when nothing was taken out.
    public var residualMm: Double
    /// Share of the body, 0 to 1, that only the low-energy image shows: a second tube may have a smaller field.
    public var uncoveredShare: Double

    package static let none = EnergyMotion(
        measuredMm: 0, correctedMm: 0, partsMoved: 0, residualMm: 0, uncoveredShare: 0)
}

/// A pair with the motion between its two images taken out.
///
/// The two energies of consecutive scans, and to a small degree of one scan, do not show the body at the same place.
/// The whole volume is registered rigidly, then each bone with its soft tissue by itself; soft tissue between bones
/// moves with the nearest ones. The high-energy image is then resampled on the grid of the low-energy one, once. Images
/// without motion are left as they are, bit for bit.
public struct EnergyAlignment: Sendable {
    /// The pair to analyse: the low-energy image as it came, the high-energy image where the low one shows the same.
    public let pair: DualEnergyPair
    public let motion: EnergyMotion
    /// The body's box and the noise of the images as they came; nil without a body, or without soft tissue.
    ///
    /// Interpolation lowers the noise of a voxel and spreads it over its neighbours: the noise of a sum, which is what
    /// quantities rest on, stays. The estimate from the raw images holds for sums, and is on the safe side for voxels.
    package let box: VoxelBox?
    package let noise: NoiseEstimate?

    /// Displacements below this are left alone, in mm: parts of a still hand measure up to 0.11 mm by noise alone, and
    /// interpolation would cost more than it mends.
    public static let leastMm = 0.15
    /// With more of the body than this outside the other image there is nothing to register with.
    private static let uncoveredLimit = 0.02

    public init(_ pair: DualEnergyPair) {
        let box = BodyBox.find(in: pair.low)
        self.box = box
        guard let box else {
            (self.pair, motion, noise) = (pair, .none, nil)
            return
        }
        let (noise, registered) = together {
            NoiseEstimate.measure(low: pair.low.cropped(to: box), high: pair.high.cropped(to: box))
        } and: {
            let uncovered = FieldOfView.uncoveredShare(low: pair.low, high: pair.high, box: box)
            return (
                uncovered: uncovered,
                measured: uncovered < Self.uncoveredLimit ? EnergyRegistration(pair, box: box)?.run() : nil
            )
        }
        self.noise = noise
        var result = EnergyMotion.none
        result.uncoveredShare = registered.uncovered
        guard let measured = registered.measured else {
            (self.pair, motion) = (pair, result)
            return
        }
        result.measuredMm = measured.largestMm
        result.residualMm = measured.largestMm
        guard measured.largestSureMm > Self.leastMm else {
            (self.pair, motion) = (pair, result)
            return
        }
        var corrected = pair
        corrected.high = measured.resampled(pair.high, box: box)
        // What remains is measured anew on the images that will be analysed.
        let after = EnergyRegistration(corrected, box: box)?.run()
        guard let after, after.largestMm < measured.largestMm else {
            (self.pair, motion) = (pair, result)
            return
        }
        result.residualMm = after.largestMm
        result.correctedMm = measured.largestMm
        result.partsMoved = measured.partsMoved
        (self.pair, motion) = (corrected, result)
    }
}

/// The part of the body that both images show.
package enum FieldOfView {
    /// Denser than air and fat in one image, air in the other.
    private static let bodyHU: Float = -300
    private static let airHU: Float = -850
    /// Motion alone leaves air under this much tissue, in mm, at most.
    private static let depthMm = 6.0

    /// Share of the body deeper than 6 mm under its surface that the high-energy image shows as air or padding.
    package static func uncoveredShare(low: Volume<Int16>, high: Volume<Int16>, box: VoxelBox) -> Double {
        let grid = RegistrationGrid(low.geometry, box: box, finestMm: 2)
        let first = grid.means(low) { Float($0) }
        let second = grid.means(high) { Float($0) }
        let body = Volume<UInt8>(geometry: grid.geometry, voxels: first.voxels.map { $0 > bodyHU ? 1 : 0 })
            .eroded(byMm: depthMm)
        let total = body.voxels.count { $0 != 0 }
        guard total > 0 else { return 0 }
        let missing = body.voxels.indices.count { body.voxels[$0] != 0 && second.voxels[$0] < airHU }
        return Double(missing) / Double(total)
    }
}
