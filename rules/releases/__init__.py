"""The life of an edit: from a draft over check, approval and publication to a rollback."""
