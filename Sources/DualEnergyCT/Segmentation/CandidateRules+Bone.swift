/// What the blur of bones leaves on them and between them, and what is clear of it.
///
/// The expected surface of a bone is least certain at its ends, where the cortex is thin, the spongiosa under it dense and
/// the slices cut aslant: there cortex stands above it in caps and rims. Their density is that of a blurred edge.
extension CandidateRules {
    /// Widest joint in mm, from one expected surface to the other.
    static let widestJointMm: Float = 3
    /// Share of its volume that what fills a joint has between both bones.
    static let leastGapShare = 0.5
    /// Share of the bone's own density that its blurred edge reaches: what is denser is solid.
    static let mostEdgeDensity: Float = 0.6
    /// Bone between two bones: the share of its outside that faces bone.
    static let leastHeldShare = 0.5
    static let leastHeldDensity: Float = 0.5
    /// What is denser than the cortex of both by this factor and faces each of two bones over this share of its outside
    /// and this area in mm2 joins them: cortex is thinner than the blur and shows less than its density, solid bone shows
    /// all of it. A dense stone at a joint touches both bones as well, over less.
    static let solidDensity: Float = 1.2
    static let leastShareOfTwo = 0.1
    static let leastJoinedMm2 = 25.0  // of voxels' faces
    /// Height in mm that no cap and no rim reaches.
    static let highestCapMm: Float = 2.8
    /// Mean height over the cube root of the volume: on a plane 0.29 of a hemisphere, 0.37 of a ball sunk by a third of its
    /// diameter, less of a layer.
    static let leastMeanRise = 0.31
    /// The same of volume over contact with bone: 0.52 of a hemisphere, 0.76 of that ball.
    static let leastMeanThickness = 0.55
    /// What touches bone by a point only is no layer, however low: between two bones nothing rises far from either.
    static let leastFreeThickness = 1.6
    /// Share of its density from which on the blur of the cortex below may be all of it: the thickness of that is known to
    /// a few tenths of a millimetre, over which its blur doubles.
    static let mostBlur = 0.38
    /// Share of the bone's own density from which on what is compact and rises so is no rim, and from which on it need not
    /// rise as much: no rim is that dense. Its least volume in mm3, its radius in mm and its height in mm: what shows of a
    /// ball of 2 to 2.5 mm.
    static let leastStoneDensity: Float = 0.45
    static let denseStoneDensity: Float = 0.62
    static let leastDenseStoneRise = 0.24
    static let leastStoneMm3 = 4.0
    static let leastStoneRadiusMm: Float = 0.8
    static let leastStoneHeightMm: Float = 1.3
    /// A compact lump on bone needs less of each: compactness, radius and height in mm, share of the bone's own density, and
    /// the most of its density that the blur of the cortex may be. Of 4,500 pieces of bone in nineteen phantoms none came
    /// near to all of it.
    static let leastLumpCompactness = 0.85
    static let leastLumpRadiusMm: Float = 0.85
    static let leastLumpHeightMm: Float = 1.15
    static let leastLumpDensity: Float = 0.35
    static let mostBlurOfLump = 0.3
    /// Its least thickness over its width: a plate of one thick slice is compact as voxels go.
    static let leastLumpThickness: Float = 0.35
    /// Density over that of the bone's thick cortex, and share of the outside that faces bone, of bone without a cavity.
    static let leastLaminaDensity: Float = 0.7
    static let leastLaminaShare = 0.2
    /// What is no bone by its height and may be by its place: voxels, height in mm and volume in mm3.
    static let fewestNearBone = 8
    static let crumbHeightMm: Float = 2
    static let largestCrumbMm3 = 12.0

    /// Cortex that is a little thicker or denser than expected. Urate on bone is told from it by its ratio.
    package func isBlur(_ c: Candidate) -> Bool {
        guard c.touchesBone, hasRatioOfCalcium(c) else { return false }
        return c.pooledTail > Self.mostBlur * max(c.pooledFreeDensity, c.pooledOnMuscle, 1)
    }

    /// A layer that is wide for its height, such as the cap of a bone's end; both bones' blur in a joint, which lies from one
    /// to the other, where a deposit lies beside the gap in the capsule; or less than any deposit, once its skirt is cut.
    package func isLayer(_ c: Candidate, _ facing: BoneFacing) -> Bool {
        guard c.touchesBone else { return false }
        if c.volumeMm3 < leastVolumeMm3 { return true }
        guard hasRatioOfCalcium(c), c.relativeDensity < Self.mostEdgeDensity,
            c.largestHeightMm < Self.highestCapMm + c.heightStepMm, facing.totalMm2 > 0
        else { return false }
        let thicknessMm = c.volumeMm3 / (facing.totalMm2 * BoneFacing.planeOverFaces)
        let thickness = (thicknessMm - Double(c.heightStepMm)) / cubeRoot(c.volumeMm3)
        if meanRise(c) < Self.leastMeanRise || c.gapShare > Self.leastGapShare {
            return thickness < Self.leastFreeThickness
        }
        return thickness < Self.leastMeanThickness
    }

    /// Mineral as dense as the cortex beside it, which bone holds on most sides: where bones meet or a marrow cavity ends
    /// early, solid bone stands above the expected surface. Calcinosis grows out of its contact: even round a waisted
    /// phalanx most of its outside is soft tissue, and seldom is it as dense.
    package func isHeld(_ c: Candidate, _ facing: BoneFacing) -> Bool {
        guard c.touchesBone, c.relativeDensity > Self.leastHeldDensity else { return false }
        if facing.totalMm2 >= Self.leastHeldShare * facing.outsideMm2 { return true }
        let least = max(Self.leastShareOfTwo * facing.outsideMm2, Self.leastJoinedMm2)
        return c.relativeDensity > Self.solidDensity && facing.bonesMm2.values.count { $0 >= least } >= 2
    }

    /// Bone too thin to have a cavity, as the borders of the shoulder blade, or cut along its rim, as the highest rib: as dense
    /// as cortex, of no compact form, lower than any lump, and grown together with bones over a good part of its outside.
    package func isLamina(_ c: Candidate, _ facing: BoneFacing) -> Bool {
        c.touchesBone && c.relativeDensity > Self.leastLaminaDensity && c.compactness < Self.leastCompactness
            && facing.totalMm2 >= Self.leastLaminaShare * facing.outsideMm2 && meanRise(c) < Self.leastMeanRise
    }

    /// What is told by no form from a ridge of bone or its spongiosa: fewer voxels than two cubed that near to it, or a small
    /// piece that lies on it over a good part of its outside, though no voxel is near by its height, where the surface is
    /// uneven or the slices are thick; or a piece in one slice alone, where blur gives any lump more.
    package func isCrumb(_ c: Candidate, _ facing: BoneFacing) -> Bool {
        guard c.leastHeightMm < Self.crumbHeightMm else { return false }
        if c.isOneLayer { return true }
        guard !c.touchesBone else { return false }
        return c.voxels.count < Self.fewestNearBone
            || c.volumeMm3 < Self.largestCrumbMm3 && facing.totalMm2 >= Self.leastLaminaShare * facing.outsideMm2
    }

    /// A small stone on bone: low, but as high as its size allows, and denser than any blurred edge so wide.
    package func risesDense(_ c: Candidate) -> Bool {
        guard c.gapShare <= Self.leastGapShare, c.volumeMm3 >= Self.leastStoneMm3 else { return false }
        return isLump(c)
            || c.relativeDensity > Self.leastStoneDensity && c.innerRadiusMm >= Self.leastStoneRadiusMm
                && c.largestHeightMm >= Self.leastStoneHeightMm + c.heightStepMm
                && meanRise(c)
                    >= (c.relativeDensity > Self.denseStoneDensity ? Self.leastDenseStoneRise : Self.leastMeanRise)
    }

    /// Round, and not of the cortex' blur: what bone's own surface leaves is a layer, a ridge or a rim.
    private func isLump(_ c: Candidate) -> Bool {
        c.compactness >= Self.leastLumpCompactness && c.innerRadiusMm >= Self.leastLumpRadiusMm
            && c.shape.extents.z >= Self.leastLumpThickness * c.shape.extents.y
            && c.largestHeightMm >= Self.leastLumpHeightMm && c.relativeDensity >= Self.leastLumpDensity
            && meanRise(c) >= Self.leastMeanRise
            && c.pooledTail <= Self.mostBlurOfLump * max(c.pooledFreeDensity, c.pooledOnMuscle, 1)
    }

    /// The grid's steps even out in a mean.
    private func meanRise(_ c: Candidate) -> Double { Double(c.meanHeightMm) / cubeRoot(c.volumeMm3) }
}
