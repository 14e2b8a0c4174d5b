internal import BackhaulGenerated

extension BackhaulError {
    /// What went wrong, by its stable name, which is the raw value: the same in every language (rule E3).
    public enum Kind: String, Sendable, Hashable, CaseIterable, Codable {
        /// A background session's identifier is empty or too long (S1).
        case invalidIdentifier = "invalid_identifier"
        /// The URL cannot be parsed or is relative (C2).
        case invalidURL = "invalid_url"
        /// The URL's scheme is neither http nor https (C2).
        case unsupportedScheme = "unsupported_scheme"
        /// Plain http to a host that the configuration does not allow it for (T1).
        case plainHTTPNotAllowed = "plain_http_not_allowed"
        /// A header name or value that HTTP forbids, CR and LF above all (C2).
        case invalidHeader = "invalid_header"
        /// A secret that would have to be stored in clear (T2).
        case secretNotStorable = "secret_not_storable"
        /// The destination is absolute, leaves its base directory, or names an unknown base (D5).
        case invalidDestination = "invalid_destination"
        /// Another task that is not finished has the same destination.
        case destinationInUse = "destination_in_use"
        /// Any other value of a request or configuration that cannot be honoured.
        case invalidRequest = "invalid_request"
        /// The session's identifier is held by a live session, here or in another process (C1).
        case sessionInUse = "session_in_use"
        /// The container's store is held by another process.
        case containerInUse = "container_in_use"
        /// The session was invalidated (C3).
        case sessionInvalidated = "session_invalidated"
        /// No task with this id in this session.
        case unknownTask = "unknown_task"
        /// The store was written by a newer version of this library.
        case storeTooNew = "store_too_new"
        /// The store is damaged (D6).
        case storeCorrupt = "store_corrupt"
        /// The store could not be read or written.
        case store
        /// No space on the volume; `neededBytes` says how much is missing (D9).
        case noSpace = "no_space"
        /// The destination's folder cannot be written, or the destination is a folder.
        case destinationNotWritable = "destination_not_writable"
        /// Any other failure of the file system.
        case file
        /// The host's name could not be resolved, or nothing answered at its address.
        case cannotConnect = "cannot_connect"
        /// The connection broke, or the body ended early (R8).
        case connectionLost = "connection_lost"
        /// The server's certificate was refused, or TLS failed.
        case tls
        /// No byte came for the request's time-out.
        case requestTimedOut = "request_timed_out"
        /// The task's only deadline, `timeoutIntervalForResource`, passed.
        case resourceTimedOut = "resource_timed_out"
        /// More than ten redirects, or a loop (H3).
        case tooManyRedirects = "too_many_redirects"
        /// A redirect that must not be followed: https to http, or no usable `Location` (H3).
        case redirectRefused = "redirect_refused"
        /// The server answered with a status that is not a success (H5); see ``BackhaulError/response``.
        case httpStatus = "http_status"
        /// The answer broke HTTP, or contradicts itself.
        case invalidResponse = "invalid_response"
        /// The server sent more than a limit allows (T5).
        case responseTooLarge = "response_too_large"
        /// The body is encoded although identity was asked for: storing it would store wrong bytes.
        case unexpectedEncoding = "unexpected_encoding"
        /// The body's length is not the expected one.
        case sizeMismatch = "size_mismatch"
        /// The body's digest is not the expected one (H6).
        case digestMismatch = "digest_mismatch"
        /// The object changed more often in a row than the cap allows (R7).
        case validatorUnstable = "validator_unstable"
        /// A watch's session refuses transfers of this length (P8).
        case tooLargeForWatch = "too_large_for_watch"
        /// The task was cancelled.
        case cancelled
        /// The steps of a plan come after each other in a circle (L6).
        case dependencyCycle = "dependency_cycle"
        /// A task that it comes after failed or was cancelled (L6).
        case dependencyFailed = "dependency_failed"
        /// The user ended the app by force, and with it the task (W6). A transport reports it for a
        /// transfer that the system ended so.
        case userForceQuit = "user_force_quit"
        /// Resume data that is damaged, of another version, or whose part file is gone (L4).
        case invalidResumeData = "invalid_resume_data"
        /// The command that asks the system for the next start failed (P6).
        case wakeHook = "wake_hook"
        /// The system could not give us a thread or another basic resource.
        case system
    }
}

extension BackhaulError.Kind {
    init(_ kind: BackhaulGenerated.ErrorKind) {
        switch kind {
        case .invalidIdentifier: self = .invalidIdentifier
        case .invalidUrl: self = .invalidURL
        case .unsupportedScheme: self = .unsupportedScheme
        case .plainHttpNotAllowed: self = .plainHTTPNotAllowed
        case .invalidHeader: self = .invalidHeader
        case .secretNotStorable: self = .secretNotStorable
        case .invalidDestination: self = .invalidDestination
        case .destinationInUse: self = .destinationInUse
        case .invalidRequest: self = .invalidRequest
        case .sessionInUse: self = .sessionInUse
        case .containerInUse: self = .containerInUse
        case .sessionInvalidated: self = .sessionInvalidated
        case .unknownTask: self = .unknownTask
        case .storeTooNew: self = .storeTooNew
        case .storeCorrupt: self = .storeCorrupt
        case .store: self = .store
        case .noSpace: self = .noSpace
        case .destinationNotWritable: self = .destinationNotWritable
        case .file: self = .file
        case .cannotConnect: self = .cannotConnect
        case .connectionLost: self = .connectionLost
        case .tls: self = .tls
        case .requestTimedOut: self = .requestTimedOut
        case .resourceTimedOut: self = .resourceTimedOut
        case .tooManyRedirects: self = .tooManyRedirects
        case .redirectRefused: self = .redirectRefused
        case .httpStatus: self = .httpStatus
        case .invalidResponse: self = .invalidResponse
        case .responseTooLarge: self = .responseTooLarge
        case .unexpectedEncoding: self = .unexpectedEncoding
        case .sizeMismatch: self = .sizeMismatch
        case .digestMismatch: self = .digestMismatch
        case .validatorUnstable: self = .validatorUnstable
        case .tooLargeForWatch: self = .tooLargeForWatch
        case .cancelled: self = .cancelled
        case .dependencyCycle: self = .dependencyCycle
        case .dependencyFailed: self = .dependencyFailed
        case .userForceQuit: self = .userForceQuit
        case .invalidResumeData: self = .invalidResumeData
        case .wakeHook: self = .wakeHook
        case .system: self = .system
        }
    }
}
