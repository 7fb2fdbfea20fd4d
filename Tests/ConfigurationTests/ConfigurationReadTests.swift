import Configuration
import Foundation
import TestSupport
import Testing

struct ConfigurationReadTests {
    private static let installed = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appending(path: "../../etc/apatite/apatite.toml").standardized

    @Test func theInstalledFileStatesTheDefaults() throws {
        let text = try String(contentsOf: Self.installed, encoding: .utf8)
        #expect(try ApatiteConfiguration.parse(text) == ApatiteConfiguration())
    }

    @Test func theInstalledFileNamesEveryKey() throws {
        let text = try String(contentsOf: Self.installed, encoding: .utf8)
        // The line after a wrong key lists all that are known in its section.
        for section in ["service", "completion", "eligibility", "limits", "analysis", "priors"] {
            let error = try #require(throws: ConfigurationError.self) {
                try ApatiteConfiguration.parse("[\(section)]\nnonsense = 1\n")
            }
            let known = error.description.components(separatedBy: "known here are ")[1].dropLast()
            for key in known.components(separatedBy: ", ") {
                #expect(text.contains("\n\(key) = "), "\(section).\(key)")
            }
        }
    }

    @Test func theExamplesInTheInstalledFileAreValid() throws {
        let text = try String(contentsOf: Self.installed, encoding: .utf8)
        let examples = text.components(separatedBy: "\n").map { line in
            line.hasPrefix("# [[") || line.contains(#/^# [a-z_]+ = /#) ? String(line.dropFirst(2)) : line
        }
        let configuration = try ApatiteConfiguration.parse(examples.joined(separator: "\n"))
        #expect(configuration.sources == [.init(aeTitle: "CT1", host: "192.0.2.7")])
        var destination = ApatiteConfiguration.Destination(name: "pacs", host: "192.0.2.20", port: 104, aeTitle: "PACS")
        destination.callingAETitle = "APATITE"
        #expect(configuration.destinations == [destination])
    }

    @Test(arguments: [
        ("[service]\nae_title = \"X\"\nprot = 104\n", 3, "unknown key service.prot"),
        ("[servis]\nport = 104\n", 1, "unknown key servis"),
        ("\n[service]\nport = 0\n", 3, "service.port must lie from 1 to 65535"),
        ("[service]\nport = \"104\"\n", 2, "service.port must be a whole number"),
        ("[service]\nae_title = \"SEVENTEEN LETTERS\"\n", 2, "AE Title"),
        ("[service]\nstate_folder = \"apatite\"\n", 2, "absolute path"),
        ("[service]\nport = 1\nport = 2\n", 3, "not valid TOML"),
        ("[completion\n", 1, "not valid TOML"),
        ("[analysis]\nlanguage = \"de\"\n", 2, "\"en\", \"fr\" or \"both\""),
        ("[analysis]\nfirst_series_number = 9500\n", 2, "a multiple of 1000"),
        ("[analysis]\ncalibrations = [\"ct1.json\"]\n", 2, "absolute path"),
        ("[eligibility]\nbody_parts = [\"hand\", 3]\n", 2, "a list of texts"),
        ("[eligibility]\nbody_parts = [\"hand\", \"Hands\"]\n", 2, "has \"Hands\": known are hand, wrist"),
        ("[[sources]]\nae_title = \"A\"\n[[sources]]\nae_title = \"A\"\n", 4, "a source \"A\" already"),
        ("[[sources]]\nae_title = \"CT1\"\nhost = \"scanner.example\"\n", 3, "numeric address"),
        ("[[sources]]\nae_title = \"A\"\n[[sources]]\nhost = \"192.0.2.1\"\n", 3, "needs a valid ae_title"),
        ("[sources]\nae_title = \"A\"\n", 1, "[[sources]]"),
        ("[[destinations]]\nname = \"pacs\"\nhost = \"h\"\nport = 1\n", 1, "needs name, host, port and ae_title"),
        ("[[destinations]]\nresults = [\"sr\", \"segs\"]\n", 2, "has \"segs\": known are sr, seg, picture"),
        ("[[destinations]]\nresults = [\"maps:calcium\"]\n", 2, "has \"maps:calcium\""),
        ("[[destinations]]\nresults = [\"maps:vmi:5\"]\n", 2, "has \"maps:vmi:5\""),
        ("[[destinations]]\nresults = [\"sr\", \"sr\"]\n", 2, "names a class twice"),
    ])
    func whatIsWrongIsNamedWithItsLineAndWhatToDo(text: String, line: Int, message: String) throws {
        let error = try #require(throws: ConfigurationError.self) { try ApatiteConfiguration.parse(text, file: "f") }
        let problem = try #require(error.problems.first { $0.message.contains(message) }, "\(error)")
        #expect(problem.line == line)
        #expect(problem.file == "f")
    }

    @Test(arguments: [
        ("[\"sr\", \"seg\", \"picture\", \"maps\"]", ["sr", "seg", "summary", "maps:ha", "maps:vmi:70"]),
        ("[\"maps:ha\", \"maps:vmi:70\"]", ["maps:ha", "maps:vmi:70"]), ("[\"maps:vnc\"]", []), ("[]", []),
        ("[\"picture\"]", ["summary"]), ("[\"seg\"]", ["seg"]),
    ])
    func aDestinationGetsTheClassesThatItNames(list: String, taken: [String]) throws {
        let text = "[[destinations]]\nname = \"p\"\nhost = \"h\"\nport = 1\nae_title = \"P\"\nresults = \(list)\n"
        let destination = try #require(try ApatiteConfiguration.parse(text).destinations.first)
        let kinds = ["sr", "seg", "summary", "maps:ha", "maps:vmi:70"]
        #expect(kinds.filter { destination.takes(kind: $0) } == taken)
    }

    @Test func aSlashAtTheEndOfTheStateFolderMakesNoOtherFolder() throws {
        let configuration = try ApatiteConfiguration.parse("[service]\nstate_folder = \"/srv/apatite//\"\n")
        #expect(configuration.service.ledgerPath == "/srv/apatite/ledger.sqlite")
    }

    @Test func allProblemsAreNamedAtOnce() throws {
        let error = try #require(throws: ConfigurationError.self) {
            try ApatiteConfiguration.parse("[service]\nport = 0\nae = 1\n[limits]\nassociations = 0\n")
        }
        #expect(error.problems.count == 3)
    }

    @Test func twoDestinationsOfOneNameAreRefused() throws {
        let one = "[[destinations]]\nname = \"pacs\"\nhost = \"h\"\nport = 1\nae_title = \"P\"\n"
        let error = try #require(throws: ConfigurationError.self) { try ApatiteConfiguration.parse(one + one) }
        #expect(error.problems.map(\.line) == [7])
    }

    @Test func dropInsReplaceValuesAndAddNodesInTheOrderOfTheirNames() throws {
        let folder = try TemporaryFolder("configuration").url
        let dropIns = folder.appending(path: "apatite.toml.d")
        try FileManager.default.createDirectory(at: dropIns, withIntermediateDirectories: true)
        func write(_ text: String, _ name: String) throws {
            try Data(text.utf8).write(to: folder.appending(path: name))
        }
        try write("[service]\nport = 1000\nae_title = \"ONE\"\n", "apatite.toml")
        try write("[service]\nport = 2000\n[[sources]]\nae_title = \"B\"\n", "apatite.toml.d/20-site.toml")
        try write("[service]\nport = 1500\n[[sources]]\nae_title = \"A\"\n", "apatite.toml.d/10-first.toml")
        try write("not read", "apatite.toml.d/notes.txt")
        let path = folder.appending(path: "apatite.toml").path
        let configuration = try ApatiteConfiguration.read(path: path)
        #expect(configuration.service.port == 2000 && configuration.service.aeTitle == "ONE")
        #expect(configuration.sources.map(\.aeTitle) == ["A", "B"])
        try write("[service]\nprt = 1\n", "apatite.toml.d/30-wrong.toml")
        let error = try #require(throws: ConfigurationError.self) { try ApatiteConfiguration.read(path: path) }
        #expect(error.problems.map(\.file) == [path + ".d/30-wrong.toml"])
    }

    @Test func aMissingFileIsNamed() throws {
        let error = try #require(throws: ConfigurationError.self) {
            try ApatiteConfiguration.read(path: "/nonexistent/apatite.toml")
        }
        #expect(error.description.contains("/nonexistent/apatite.toml: cannot be read"))
    }
}
