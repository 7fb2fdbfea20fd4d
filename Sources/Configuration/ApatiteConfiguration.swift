/// What a site decides; the defaults are those of `etc/apatite/apatite.toml`.
///
/// Read once at the edge by `ApatiteConfiguration.read(path:)` and handed on as a value.
public struct ApatiteConfiguration: Sendable, Equatable {
    public var service = Service()
    public var completion = Completion()
    /// Empty: every calling AE Title is accepted.
    public var sources: [Source] = []
    /// Empty: results stay in the state folder.
    public var destinations: [Destination] = []
    public var eligibility = Eligibility()
    public var limits = Limits()
    public var analysis = Analysis()
    public var picture = Picture()
    public var priors = Priors()

    public init() {}

    /// The service itself: its name on the network and its place on the disk.
    public struct Service: Sendable, Equatable {
        /// Our AE Title, 1 to 16 characters.
        public var aeTitle = "APATITE"
        /// Listen to this machine only; not used for a socket that systemd passes.
        public var loopbackOnly = false
        /// TCP port; not used for a socket that systemd passes.
        public var port = 11112
        /// Folder of the ledger, of what was received and of the results.
        public var stateFolder = "/var/lib/apatite"
        /// The program that analyses, one process a study.
        public var worker = "/usr/libexec/apatite/apatite-worker"
        /// Written as Device Serial Number in every result.
        public var installationSerial = "unnamed"
        public init() {}

        public var ledgerPath: String { stateFolder + "/ledger.sqlite" }
    }

    /// When a study counts as complete.
    public struct Completion: Sendable, Equatable {
        /// Seconds without an image and without an open association. A reconstruction may follow ten minutes after
        /// the one before it: a shorter time makes revisions.
        public var quietSeconds = 300.0
        /// Minutes that a quiet study may wait for a missing energy or slices before it is set aside.
        public var giveUpAfterMinutes = 240.0
        public init() {}
    }

    /// One scanner that may send.
    public struct Source: Sendable, Equatable {
        public var aeTitle: String
        /// Numeric address it must come from; nil for any. Names are not resolved: that would stall the scanner.
        public var host: String?
        public init(aeTitle: String, host: String? = nil) {
            self.aeTitle = aeTitle
            self.host = host
        }
    }

    /// One node that results are sent to.
    public struct Destination: Sendable, Equatable {
        /// Names it in the ledger and in messages.
        public var name: String
        public var host: String
        public var port: Int
        /// The node's AE Title.
        public var aeTitle: String
        /// The AE Title we call ourselves there; nil for the service's.
        public var callingAETitle: String?
        /// The classes of results that it gets.
        public var results: [ResultClass] = [.report, .segmentation, .picture, .maps]
        /// Ask it to commit to the storage of each result.
        public var commitment = false
        /// Minutes that it may take to answer such a request.
        public var commitmentAnswerMinutes = 60.0
        /// Send it a rejection note for what a newer report supersedes or an operator withdraws.
        public var rejectionNotes = false
        /// Seconds until the first retry; doubled with each.
        public var retryFirstSeconds = 10.0
        /// Longest time in seconds between two attempts.
        public var retryLimitSeconds = 3600.0
        /// Seconds that the node may take to answer.
        public var timeoutSeconds = 30.0

        /// Whether it gets a result of this kind, in the analysis's word for it: "sr", "summary", "maps:ha" ...
        public func takes(kind: String) -> Bool { results.contains { $0.contains(kind: kind) } }

        public init(name: String, host: String, port: Int, aeTitle: String) {
            self.name = name
            self.host = host
            self.port = port
            self.aeTitle = aeTitle
        }
    }

    /// Which dual-energy studies are for us; the others are left alone, quietly.
    public struct Eligibility: Sendable, Equatable {
        /// Calling AE Titles whose studies are looked at; empty for all.
        public var callingAETitles: [String] = []
        public var bodyParts = ["hand", "wrist", "foot", "elbow", "knee"]
        /// Parts of a protocol name, study or series description, in any case of letters: eligible whatever the
        /// body part.
        public var protocols: [String] = []
        /// Procedure codes: eligible whatever the body part.
        public var procedureCodes: [String] = []
        public init() {}
    }

    /// What one scanner or one study may use of this machine.
    public struct Limits: Sendable, Equatable {
        /// Associations at the same time; one more is rejected as transient.
        public var associations = 20
        /// Megabytes that stay free: below it C-STORE answers A700 (out of resources).
        public var diskFloorMegabytes = 2048
        /// Address space of a worker.
        public var workerMemoryMegabytes = 12288
        /// Processor time of a worker in seconds.
        public var workerProcessorSeconds = 1800
        /// Seconds until a worker is stopped.
        public var workerWallSeconds = 3600
        /// Workers that may fail before the study is set aside.
        public var workerAttempts = 2
        public init() {}
    }

    /// The analysis and its report.
    public struct Analysis: Sendable, Equatable {
        /// Language of the report's texts: "en", "fr" or "both".
        public var language = "en"
        /// Material maps that are written: `ha`, `ha-free`, `urate`, `vnc`, `fat`, `water`, `electron-density`,
        /// `effective-z`, `vmi:70`; each with `-sd` as its standard deviation.
        public var maps = ["ha"]
        /// Files that `apatite calibrate` wrote: the one of a study's scanner and settings is used.
        public var calibrations: [String] = []
        /// Series Number of the first result, a multiple of 1000; the others follow at fixed distances.
        public var firstSeriesNumber = 9000
        public init() {}
    }

    /// The pages for any viewer.
    public struct Picture: Sendable, Equatable {
        /// Whether name, ID and birth date of the patient stand on the pixels.
        public var identity = false
        public init() {}
    }

    /// Earlier reports that a new one is compared with.
    public struct Priors: Sendable, Equatable {
        /// Whether there is a comparison at all.
        public var compare = true
        /// Name of the destination that is asked for earlier reports besides our own ledger; "" for nobody.
        public var query = ""
        public enum Retrieve: String, Sendable, CaseIterable {
            /// C-GET, over the association that asks.
            case get
            /// C-MOVE to `moveAETitle`, which the archive has to know with this machine and `movePort`.
            case move
        }
        public var retrieve = Retrieve.get
        public var moveAETitle = "APATITE_PRIOR"
        /// Open only while a search runs.
        public var movePort = 11113
        /// Seconds that it may take, all in all; then the study is reported without a prior.
        public var timeoutSeconds = 60
        public init() {}
    }

    /// What has an influence on results, in one line: its digest is part of a result's identity.
    public var influenceOnResults: String {
        "language=\(analysis.language) maps=\(analysis.maps.joined(separator: ",")) identity=\(picture.identity) "
            + "series=\(analysis.firstSeriesNumber)"
    }
}
