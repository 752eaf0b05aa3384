"""What MPC's clients need of Huawei Cloud IAM, API version 3: tokens, and the id of the project."""
