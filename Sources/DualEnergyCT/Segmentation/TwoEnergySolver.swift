/// Density from two CT numbers, with the noise of both and what is known of the tissue.
package struct TwoEnergySolver: Sendable {
    /// HU per mg/cm3 of hydroxyapatite.
    let mineralLow, mineralHigh: Float
    let muscleLow, muscleHigh: Float
    /// From muscle to fat, in HU.
    let fatLow, fatHigh: Float
    let varianceLow, varianceHigh: Float

    package init(_ input: SegmentationInput) {
        mineralLow = Float(input.hydroxyapatiteLow)
        mineralHigh = Float(input.hydroxyapatiteHigh)
        muscleLow = Float(input.muscleLowHU)
        muscleHigh = Float(input.muscleHighHU)
        fatLow = Float(input.fatLowHU - input.muscleLowHU)
        fatHigh = Float(input.fatHighHU - input.muscleHighHU)
        varianceLow = Float(max(input.noiseLowHU * input.noiseLowHU, 1))
        varianceHigh = Float(max(input.noiseHighHU * input.noiseHighHU, 1))
    }

    /// Weight of the low-energy estimate of density in the mean of both that has the least noise.
    var lowWeight: Float {
        let low = mineralLow * mineralLow / varianceLow
        let high = mineralHigh * mineralHigh / varianceHigh
        return low / (low + high)
    }

    /// What pure fat reads in mg/cm3 on a muscle baseline.
    package var fatOnMuscle: Float { lowWeight * fatLow / mineralLow + (1 - lowWeight) * fatHigh / mineralHigh }

    /// Density in mg/cm3 with muscle as the only other tissue.
    func constrainedDensity(low: Volume<Float>, high: Volume<Float>) -> Volume<Float> {
        let ofLow = lowWeight / mineralLow
        let ofHigh = (1 - lowWeight) / mineralHigh
        let offset = ofLow * muscleLow + ofHigh * muscleHigh
        return Volume(geometry: low.geometry) { range, density in
            for n in range {
                (density + n).initialize(to: ofLow * low.voxels[n] + ofHigh * high.voxels[n] - offset)
            }
        }
    }

    /// Density and fat fraction of a mixture of mineral, fat and muscle, both free.
    @inline(__always)
    package func free(_ low: Float, _ high: Float) -> (density: Float, fat: Float) {
        let dL = low - muscleLow
        let dH = high - muscleHigh
        let determinant = mineralLow * fatHigh - mineralHigh * fatLow
        return (
            (dL * fatHigh - dH * fatLow) / determinant, (mineralLow * dH - mineralHigh * dL) / determinant
        )
    }

    /// Fat fraction of tissue without mineral: its place on the line from muscle to fat.
    @inline(__always)
    func fatFraction(_ low: Float, _ high: Float) -> Float {
        let wL = fatLow / varianceLow
        let wH = fatHigh / varianceHigh
        return (wL * (low - muscleLow) + wH * (high - muscleHigh)) / (wL * fatLow + wH * fatHigh)
    }

    /// Density where the fat fraction is `fat` with variance `fatVariance`, and the density's standard deviation.
    ///
    /// The fraction's deviation along the muscle-fat line is treated as noise common to both images, so the estimate
    /// goes from the constrained one (fraction known) to the free one (fraction unknown).
    @inline(__always)
    func density(
        _ low: Float, _ high: Float, fat: Float, fatVariance: Float, varianceLow: Float, varianceHigh: Float
    ) -> (value: Float, noise: Float) {
        let dL = low - muscleLow - fat * fatLow
        let dH = high - muscleHigh - fat * fatHigh
        let vLL = varianceLow + fatVariance * fatLow * fatLow
        let vHH = varianceHigh + fatVariance * fatHigh * fatHigh
        let vLH = fatVariance * fatLow * fatHigh
        // The determinant of the covariance cancels in the value.
        let wL = mineralLow * vHH - mineralHigh * vLH
        let wH = mineralHigh * vLL - mineralLow * vLH
        let information = wL * mineralLow + wH * mineralHigh
        return ((wL * dL + wH * dH) / information, ((vLL * vHH - vLH * vLH) / information).squareRoot())
    }
}
