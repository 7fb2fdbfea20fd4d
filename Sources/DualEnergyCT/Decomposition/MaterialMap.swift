/// A picture that the two images of a pair give together.
public enum MaterialMap: Sendable, Hashable {
    /// Hydroxyapatite in mg/cm3: the constrained maximum-likelihood estimate on the local tissue, 0 in air.
    case hydroxyapatite
    /// Hydroxyapatite in mg/cm3, of a mixture of fat, soft tissue and hydroxyapatite whose volumes sum to one.
    ///
    /// Free: no idea of the tissue enters it, so that averages are unbiased in any; its noise is several times that of
    /// `hydroxyapatite`. 0 in air.
    case freeHydroxyapatite
    /// CT number in HU that the tissue of a voxel would have without its mineral, the mean of both energies.
    case virtualNonCalcium
    /// Share of the volume that is fat, of a mixture of fat, soft tissue and hydroxyapatite.
    ///
    /// Free: noise and other materials take it below 0 and above 1, which keeps averages unbiased. 0 in air.
    case fatFraction
    /// Share of the volume that is soft tissue (muscle, water), as `fatFraction`.
    case waterFraction
    /// Monosodium urate in mg/cm3, of a mixture of urate, hydroxyapatite and the local tissue; free, 0 in air.
    case urate
    /// CT number in HU at one photon energy.
    case monoenergetic(keV: Double)
    /// Electrons in a volume relative to those in the same volume of water.
    case electronDensity
    /// Effective atomic number by the power law of `Material.effectiveAtomicNumber`, 0 in air.
    case effectiveAtomicNumber
    /// Standard deviation of another map, voxel by voxel and in its unit: the noise of both images with its covariance,
    /// through that map's own solution, and the local tissue's where it rests on that. 0 in air. Calibration, which all
    /// voxels share, is no part of it.
    indirect case deviation(of: MaterialMap)
}

/// Choices for maps of a pair.
public struct DecompositionOptions: Sendable, Equatable {
    /// What the model table assumes between anode and patient.
    public var filtration = Filtration.standard
    /// The site's rods; they count where they were scanned with the beams of the pair.
    public var calibration: RodCalibration?
    /// Whether the maps are of an edge-keeping mean of the images, with a third of their noise or less: for seeing. What
    /// is measured is measured on the images themselves.
    public var keepsEdges = false

    public init() {}
}
