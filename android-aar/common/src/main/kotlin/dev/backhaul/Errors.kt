package dev.backhaul

import dev.backhaul.ffi.BackhaulException
import dev.backhaul.ffi.ErrorInfo
import dev.backhaul.ffi.ErrorKind
import dev.backhaul.ffi.InternalException

/** The exception of the kind that the value names. */
internal fun ErrorInfo.toException(): TransferException =
    when (kind) {
        ErrorKind.INVALID_IDENTIFIER -> TransferException.InvalidIdentifier(this)
        ErrorKind.INVALID_URL -> TransferException.InvalidUrl(this)
        ErrorKind.UNSUPPORTED_SCHEME -> TransferException.UnsupportedScheme(this)
        ErrorKind.PLAIN_HTTP_NOT_ALLOWED -> TransferException.PlainHttpNotAllowed(this)
        ErrorKind.INVALID_HEADER -> TransferException.InvalidHeader(this)
        ErrorKind.SECRET_NOT_STORABLE -> TransferException.SecretNotStorable(this)
        ErrorKind.INVALID_DESTINATION -> TransferException.InvalidDestination(this)
        ErrorKind.DESTINATION_IN_USE -> TransferException.DestinationInUse(this)
        ErrorKind.INVALID_REQUEST -> TransferException.InvalidRequest(this)
        ErrorKind.SESSION_IN_USE -> TransferException.SessionInUse(this)
        ErrorKind.CONTAINER_IN_USE -> TransferException.ContainerInUse(this)
        ErrorKind.SESSION_INVALIDATED -> TransferException.SessionInvalidated(this)
        ErrorKind.UNKNOWN_TASK -> TransferException.UnknownTask(this)
        ErrorKind.STORE_TOO_NEW -> TransferException.StoreTooNew(this)
        ErrorKind.STORE_CORRUPT -> TransferException.StoreCorrupt(this)
        ErrorKind.STORE -> TransferException.Store(this)
        ErrorKind.NO_SPACE -> TransferException.NoSpace(this)
        ErrorKind.DESTINATION_NOT_WRITABLE -> TransferException.DestinationNotWritable(this)
        ErrorKind.FILE -> TransferException.File(this)
        ErrorKind.CANNOT_CONNECT -> TransferException.CannotConnect(this)
        ErrorKind.CONNECTION_LOST -> TransferException.ConnectionLost(this)
        ErrorKind.TLS -> TransferException.Tls(this)
        ErrorKind.REQUEST_TIMED_OUT -> TransferException.RequestTimedOut(this)
        ErrorKind.RESOURCE_TIMED_OUT -> TransferException.ResourceTimedOut(this)
        ErrorKind.TOO_MANY_REDIRECTS -> TransferException.TooManyRedirects(this)
        ErrorKind.REDIRECT_REFUSED -> TransferException.RedirectRefused(this)
        ErrorKind.HTTP_STATUS -> TransferException.HttpStatus(this)
        ErrorKind.INVALID_RESPONSE -> TransferException.InvalidResponse(this)
        ErrorKind.RESPONSE_TOO_LARGE -> TransferException.ResponseTooLarge(this)
        ErrorKind.UNEXPECTED_ENCODING -> TransferException.UnexpectedEncoding(this)
        ErrorKind.SIZE_MISMATCH -> TransferException.SizeMismatch(this)
        ErrorKind.DIGEST_MISMATCH -> TransferException.DigestMismatch(this)
        ErrorKind.VALIDATOR_UNSTABLE -> TransferException.ValidatorUnstable(this)
        ErrorKind.TOO_LARGE_FOR_WATCH -> TransferException.TooLargeForWatch(this)
        ErrorKind.CANCELLED -> TransferException.Cancelled(this)
        ErrorKind.DEPENDENCY_CYCLE -> TransferException.DependencyCycle(this)
        ErrorKind.DEPENDENCY_FAILED -> TransferException.DependencyFailed(this)
        ErrorKind.USER_FORCE_QUIT -> TransferException.UserForceQuit(this)
        ErrorKind.INVALID_RESUME_DATA -> TransferException.InvalidResumeData(this)
        ErrorKind.WAKE_HOOK -> TransferException.WakeHook(this)
        ErrorKind.SYSTEM -> TransferException.System(this)
    }

/** An exception that this layer finds reason for by itself, before the library is asked. */
internal fun failure(
    kind: ErrorKind,
    reason: String,
): TransferException = ErrorInfo(kind, kind.name.lowercase(), reason, false, null, null).toException()

internal fun invalidRequest(reason: String): TransferException = failure(ErrorKind.INVALID_REQUEST, reason)

/** Calls the library: whatever it throws comes out as a [TransferException]. */
internal inline fun <T> calling(call: () -> T): T =
    try {
        call()
    } catch (failed: BackhaulException.Failed) {
        throw failed.info.toException()
    } catch (closed: IllegalStateException) {
        throw failure(ErrorKind.SESSION_INVALIDATED, "it was closed: ${closed.message}")
    } catch (inside: InternalException) {
        throw failure(ErrorKind.SYSTEM, "the call failed inside the library: ${inside.message}")
    }
