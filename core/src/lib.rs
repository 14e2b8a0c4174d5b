//! Background transfers that survive the death of the app.
