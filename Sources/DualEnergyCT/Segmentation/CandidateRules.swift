/// Decides what each candidate is, from geometry and both energies; never from density alone.
package struct CandidateRules {
    /// Ratio that parts hydroxyapatite from what has none of it, as a share of the way from 1 to the ratio of pure
    /// hydroxyapatite. Urate and keratin lie at 1.0 to 1.07.
    static let ratioShare = 0.45
    /// No material has a ratio beyond hydroxyapatite's by this factor: what does is bright in the soft beam alone, as
    /// beam hardening between bones is. On a local baseline that is half wrong, calcium in fat reaches 1.3.
    static let mostRatio = 1.45
    /// Least pooled density in mg/cm3 with the tissue left free. A border of muscle and fat has ratio 1.5 and none.
    static let leastPooledDensity = 25.0
    /// Beam hardening and scatter between dense bones move CT numbers apart by as much as this, in HU across the line
    /// from muscle to fat: tissue that reads no denser than lean tissue does may owe to it what looks like calcium in fat.
    static let hardeningHU = 15.0
    /// How far from bone that reaches, in mm, and what no lean tissue exceeds, in mg/cm3 on muscle: tendon reads up to 40.
    static let hardeningReachMm: Float = 4
    static let mostLeanDensity = 50.0
    /// Tissue holds no more fat than fat does, and a little for what its own kind and the baseline leave open: what is
    /// bright in the soft beam and dark in the hard one, as streaks of starved photons are, would need several times that.
    static let mostFat = 1.5
    /// Nor does it hold more than there is around it by so much that it hides more than this share of the calcium claimed:
    /// what the baseline and the slopes leave open grows with the calcium. Of deposits in phantoms whose ratio is beyond
    /// hydroxyapatite's none hid more than 0.19, noise taken off; streaks of noise in a trunk 0.46 and more.
    static let mostHiddenShare = 0.3
    /// A piece of less than this in mm3 that is so has nothing else that speaks for it: of 258 deposits in phantoms the three
    /// that read fatter than fat by half were larger.
    static let largestStreakMm3 = 6.0
    /// No hardening reaches this many times that.
    static let beyondHardening = 2.0
    /// Deposits are lumps: of more than 200 in phantoms none had less than this share of a ball's compactness but for what
    /// bone cuts off or a border joins. What has less, and nowhere this radius in mm, follows a border between tissues, over
    /// which hardening feigned up to 1.4 times what it does elsewhere.
    static let leastCompactness = 0.75
    static let bandMm: Float = 1.5
    static let hardeningOfBand = 1.6
    /// Along bone run the borders of muscle and fat: what is thinner inside than this radius in mm, a ball of 2 mm is not,
    /// and reads no denser than half of that is one of them.
    static let thinMm: Float = 0.8
    static let mostThinLeanDensity = 25.0
    /// Ratio above which a candidate without calcium is such a border, as a share like `ratioShare`.
    static let borderShare = 0.25
    /// Volume in mm3 over which the noise of the images is taken to be one independent sample.
    static let mm3OfSample = 0.6
    static let leastVolumeMm3 = 1.0
    /// What the blur makes of a point reaches `CandidateFinder.relativeFloor` of its largest value within this many cubes
    /// of its standard deviation. A piece of less than half of that is noise or the rim of something else.
    static let cubesOfPoint = 14.4
    static let leastFirmVolumeMm3 = 0.7
    /// Candidates without calcium must stand out from tendon and skin, in HU at low energy, with their rims too. In phantoms
    /// at 80 and 100 kV urate of 30 % of the volume read 168 and more, what was none up to 78: less than about 18 % is not
    /// claimed.
    static let leastExcessWithoutCalciumHU = 100.0

    /// Height in mm above the expected surface that no thickening of cortex reaches, and the least share of a touching
    /// candidate's volume that stands more than 1.2 mm above it.
    static let leastRiseMm = 1.6
    static let leastProudShare = 0.15
    /// Thickness over width below which a low candidate this wide, in mm, is a lens.
    static let mostFlatness: Float = 0.45
    static let leastLensMm: Float = 2.5
    /// A layer on bone of less than this mean thickness in mm, a standard deviation and a half of a scanner's blur, is not
    /// told from cortex.
    static let leastThicknessMm = 0.75
    /// Height in mm that no sheet of cortex reaches: a sheet wider than that stands up from the bone.
    static let highestSheetMm: Float = 3

    /// Metal's streaks: anything this near to its blooming, and thin lines this far, in mm.
    static let metalReachMm: Float = 5
    static let streakReachMm: Float = 25
    /// Least volume in mm3 of a deposit without calcium.
    static let leastUrateMm3 = 3.0
    /// Its least radius inside in mm: a layer of single voxels along bone is none.
    static let leastUrateRadiusMm: Float = 0.5
    /// Most of its density that is the blur of bone: of urate on bone in phantoms a tenth was, of what was none half and more.
    static let mostBlurOfUrate = 0.25
    /// Urate and tissue end below it, in HU at low energy over the tissue: what is denser and holds no calcium is glass,
    /// stone or another foreign body.
    static let foreignBodyHU = 900.0
    /// Share of a piece without calcium that must be clear of noise, of a lump and of any other: in streaks little of it is.
    static let leastFirmShare = 0.2
    static let leastFirmShareOfOther = 0.5
    /// Tendon's collagen reads less at low energy than at high: below any urate.
    static let tendonRatio = 0.97
    /// Contrast medium fills a vessel or a cavity: a lump of less than this, a vessel 4 mm wide and 12 mm long, is not told
    /// from calcinosis by a ratio that hardening between bones moves.
    static let leastContrastMm3 = 150.0

    /// HU per mg/cm3 of hydroxyapatite.
    private let hydroxyapatite: (low: Double, high: Double)
    package let hydroxyapatiteRatio: Double
    let iodineRatio: Double?
    /// Density in mg/cm3, with the tissue left free, that hardening can feign.
    package let hardeningDensity: Double
    /// Density that fat reads on muscle, in mg/cm3: below 0.
    private let fatOnMuscle: Double
    let voxelVolumeMm3: Double
    /// In mm3: no less than half of a point's image.
    package let leastVolumeMm3: Double

    package init(input: SegmentationInput) {
        hydroxyapatite = (input.hydroxyapatiteLow, input.hydroxyapatiteHigh)
        hydroxyapatiteRatio = input.hydroxyapatiteRatio
        iodineRatio = input.iodineRatio
        let (fatLow, fatHigh) = (input.fatLowHU - input.muscleLowHU, input.fatHighHU - input.muscleHighHU)
        let across =
            (input.hydroxyapatiteLow * fatHigh - input.hydroxyapatiteHigh * fatLow)
            / (fatLow * fatLow + fatHigh * fatHigh).squareRoot()
        hardeningDensity = Self.hardeningHU / max(abs(across), 0.05)
        fatOnMuscle = Double(TwoEnergySolver(input).fatOnMuscle)
        let own = TissueFields.smoothingMm * TissueFields.smoothingMm
        let inPlane = input.pointSpreadSigmaMm * input.pointSpreadSigmaMm + own
        let axial = PointSpread.axialSigmaMm(sliceThicknessMm: input.sliceThicknessMm)
        let point = Self.cubesOfPoint * inPlane * (axial * axial + own).squareRoot()
        leastVolumeMm3 = max(Self.leastVolumeMm3, 0.5 * point)
        voxelVolumeMm3 = input.low.geometry.voxelVolumeMm3
    }

    package func fate(of c: Candidate) -> Candidate.Fate {
        let isSmall = c.volumeMm3 < leastVolumeMm3 || c.firmVolumeMm3 < Self.leastFirmVolumeMm3
        let isCalcium =
            hasRatioOfCalcium(c)
            && c.pooledFreeDensity > max((c.touchesBone ? 1.6 : 1) * Self.leastPooledDensity, 3 * c.pooledFreeNoise)
        if isSmall {
            if c.touchesBone { return .bone }
            let stands = isCalcium && c.peak > 60 && c.meanSkinDistanceMm > 1.5 && c.voxels.count >= 3
            if stands { return .excluded(.belowMinimumVolume) }
            // Above four and a half standard deviations and no larger than two voxels.
            return c.firmVolumeMm3 > 0 && c.voxels.count <= 2 ? .excluded(.speck) : .tissue
        }
        if isOfMetal(c) { return .excluded(.metal) }
        if isSplint(c) { return .excluded(.outsideSkin) }
        if let cause = surfaceArtefact(c, isCalcium: isCalcium) { return .excluded(cause) }
        if isBlur(c) { return .bone }
        if c.touchesBone, !isCutBone(c), isDenseWithoutCalcium(c) { return .deposit }
        if c.touchesBone && standsTooLow(c) && !risesDense(c) { return isCalcium || c.peak > 150 ? .bone : .tissue }
        if isCutBone(c) { return .bone }
        if isContrast(c) { return .excluded(.contrastMedium) }
        if c.ratio > Self.mostRatio * hydroxyapatiteRatio, !exceedsHardening(c) {
            // A thin band along bone in one image alone is bone that moved.
            return .excluded(c.touchesBone && c.innerRadiusMm < 0.8 ? .motion : .beamHardening)
        }
        if isCalcium { return mayBeHardening(c) || isStreak(c) ? .excluded(.beamHardening) : .deposit }
        if c.excessLowHU > Self.foreignBodyHU { return .excluded(.foreignBody) }
        if c.ratio < Self.tendonRatio, c.volumeMm3 >= 5, c.shape.extents.x > 2.5 * c.shape.extents.y {
            return .excluded(.tendon)
        }
        let isBorder = c.ratio > 1 + Self.borderShare * (hydroxyapatiteRatio - 1)
        if !isBorder, c.excessLowHU >= Self.leastExcessWithoutCalciumHU, c.volumeMm3 >= Self.leastUrateMm3,
            c.innerRadiusMm >= 0.6, isClearOfNoise(c)
        {
            return .deposit
        }
        return .tissue
    }

    /// Denser than lean tissue without the calcium that bone's blur would hold: urate on bone, however low it lies.
    package func isDenseWithoutCalcium(_ c: Candidate) -> Bool {
        guard c.volumeMm3 >= Self.leastUrateMm3, c.innerRadiusMm >= Self.leastUrateRadiusMm, isClearOfNoise(c),
            c.pooledOnMuscle - c.pooledTail > Self.mostLeanDensity,
            c.pooledTail <= Self.mostBlurOfUrate * c.pooledOnMuscle
        else {
            return false
        }
        let low = c.excessLowHU - c.pooledTail * hydroxyapatite.low
        let high = c.excessHighHU - c.pooledTail * hydroxyapatite.high
        guard low >= Self.leastExcessWithoutCalciumHU, low < Self.foreignBodyHU, high > 1 else { return false }
        let ratio = low / high
        return ratio > Self.tendonRatio && ratio < 1 + Self.borderShare * (hydroxyapatiteRatio - 1)
    }

    /// No streak of noise.
    func isClearOfNoise(_ c: Candidate) -> Bool {
        let least = c.compactness >= Self.leastCompactness ? Self.leastFirmShare : Self.leastFirmShareOfOther
        return c.firmVolumeMm3 >= least * c.volumeMm3
    }

    func hasRatioOfCalcium(_ c: Candidate) -> Bool { c.ratio > 1 + Self.ratioShare * (hydroxyapatiteRatio - 1) }

    /// Lean tissue beside bone that hardening sets off the line from muscle to fat; without the blur of the bone.
    private func mayBeHardening(_ c: Candidate) -> Bool {
        // In tendon there is less fat than none.
        let mostLean = Self.mostLeanDensity + min(Double(c.fatAround), 0) * fatOnMuscle
        guard c.leastHeightMm < Self.hardeningReachMm, c.pooledOnMuscle - c.pooledTail < mostLean, !exceedsHardening(c)
        else { return false }
        if c.innerRadiusMm < Self.thinMm, c.pooledOnMuscle - c.pooledTail < Self.mostThinLeanDensity { return true }
        let low = c.excessLowHU - c.pooledTail * hydroxyapatite.low
        let high = c.excessHighHU - c.pooledTail * hydroxyapatite.high
        return low > Self.mostRatio * hydroxyapatiteRatio * max(high, 1)
            || c.pooledFreeDensity - c.pooledTail < (isBand(c) ? Self.hardeningOfBand : 1) * hardeningDensity
    }

    /// Ragged and nowhere thick: no deposit that a border has joined.
    private func isBand(_ c: Candidate) -> Bool {
        c.compactness < Self.leastCompactness && c.innerRadiusMm < Self.bandMm
    }

    /// Where the local tissue is half known, calcium has a ratio beyond any material's; the solution that needs no tissue
    /// says so by more than hardening can feign, noise allowed for, and with the fat that is there.
    private func exceedsHardening(_ c: Candidate) -> Bool {
        let mostFat = Double(c.fatAround) - Self.mostHiddenShare * c.pooledFreeDensity / fatOnMuscle
        return c.innerRadiusMm >= Self.thinMm && !isFatter(c, than: mostFat, deviations: 3)
            && c.pooledFreeDensity - c.pooledTail - 3 * c.pooledFreeNoise > Self.beyondHardening * hardeningDensity
    }

    /// Whether a tissue between muscle and fat can explain both energies, noise allowed for.
    package func isOnTissue(_ c: Candidate) -> Bool {
        !isFatter(c, than: Self.mostFat, deviations: 3)
    }

    /// Both energies together ask for tissue with more than this share of fat, by so many standard deviations.
    private func isFatter(_ c: Candidate, than share: Double, deviations: Double) -> Bool {
        c.pooledOnMuscle - c.pooledFreeDensity < share * fatOnMuscle - deviations * c.pooledFreeNoise
    }

    /// Small, and bright in the soft beam alone.
    private func isStreak(_ c: Candidate) -> Bool {
        c.volumeMm3 < Self.largestStreakMm3 && isFatter(c, than: Self.mostFat, deviations: 0)
    }

    private func isOfMetal(_ c: Candidate) -> Bool {
        if c.metalDistanceMm < Self.metalReachMm { return true }
        return c.metalDistanceMm < Self.streakReachMm && c.innerRadiusMm < 1
            && c.shape.extents.x > 3 * c.shape.extents.y
    }

    /// A splint or a cast on the skin: a wide sheet that ends at air.
    private func isSplint(_ c: Candidate) -> Bool {
        c.leastSkinDistanceMm < 0.5 && c.meanSkinDistanceMm < 2.5 && c.shape.extents.x > 25 && c.shape.extents.y > 12
    }

    /// Iodine's ratio on lean tissue: in fat the tissue that carries mineral is not known well enough to tell.
    private func isContrast(_ c: Candidate) -> Bool {
        guard let iodineRatio, c.fatAround < 0.3, c.volumeMm3 >= Self.leastContrastMm3, !c.touchesBone else {
            return false
        }
        return c.ratio > (iodineRatio * hydroxyapatiteRatio).squareRoot() && c.innerRadiusMm > 1
    }

    /// Nail and skin: sheets at the surface of the body without calcium.
    private func surfaceArtefact(_ c: Candidate, isCalcium: Bool) -> Exclusion.Cause? {
        if isCalcium && c.meanSkinDistanceMm > 1.0 { return nil }
        let isThin = c.innerRadiusMm < 1.1
        if c.meanSkinDistanceMm < 2.0 && isThin {
            return c.excessLowHU > 60 && c.ratio < 1.35 ? .nail : .skin
        }
        return c.meanSkinDistanceMm < 0.8 ? .skin : nil
    }

    /// The end of a bone of which the scan holds no more than a slice of cortex.
    private func isCutBone(_ c: Candidate) -> Bool {
        guard let cortex = c.corticalDensity else { return false }
        return c.cutShare > 0.08 && c.peak > 0.45 * cortex
    }

    /// Volume over the area of the ellipse in which it lies: of an ellipsoid, five sixths of its height.
    private func meanThicknessMm(_ c: Candidate) -> Double {
        c.volumeMm3 / max(0.785 * Double(c.shape.extents.x * c.shape.extents.y), c.volumeMm3 / 10)
    }

    /// A flat lens on bone is bone: cortex a little thicker than expected, or the rim of a bone whose spongiosa is
    /// nearly as dense as its cortex, where the marrow's seed stops short by a millimetre or more.
    ///
    /// A deposit grows out of its contact: one of 3 mm with a third of it sunk into the bone still rises by 2 mm, and
    /// most of what shows of it is clear of the surface.
    private func standsTooLow(_ c: Candidate) -> Bool {
        let size = cubeRoot(c.volumeMm3)
        let step = Double(c.heightStepMm)
        let least = min(max(0.45 * size, Self.leastRiseMm), 2.2) + step
        let height = Double(c.largestHeightMm)
        if height < least || c.proudShare < Self.leastProudShare { return true }
        if meanThicknessMm(c) < Self.leastThicknessMm { return true }
        // One or two voxels thick, which is less than the blur makes of anything that stands off the bone: a dense sheet along
        // it is its cortex where the shaft is waisted or the surface bends.
        if c.largestHeightMm < Self.highestSheetMm, c.innerRadiusMm < 0.65, c.shape.extents.z < 1.4 { return true }
        guard height < 2.2 + step else { return false }
        // Wider than it is thick by far: the end of a bone at a joint, under which the marrow's seed stops short.
        let extents = c.shape.extents
        return extents.y > Self.leastLensMm && extents.z < Self.mostFlatness * extents.y
    }
}
